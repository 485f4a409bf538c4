/* What Unfold leaves to the mouse, made reachable for keyboard and screen reader. */
"use strict";

(() => {
    const words = () => document.querySelector("meta[name=jb-words]")?.dataset ?? {};

    // Elements that react to a click but are neither links nor buttons.
    const CLICK_TARGETS = [
        ["#header-inner span[x-on\\:click*='sidebar']", "sidebar"],
        ["#nav-sidebar-inner span[x-on\\:click*='sidebarMobileOpen']", "close"],
        ["#nav-sidebar-inner div[x-on\\:click*='openUserLinks']", null],
        ["#dialog > div[x-on\\:click*='openModal']", "close"],
        ["#nav-sidebar-inner a[x-on\\:click*='switchTheme']", null],
        ["div[x-on\\:click*='openRelatedWidgetWrapper']", "more"],
        ["#header-inner ul a[x-on\\:click*='actionDropdownOpen']", null],
    ];

    // Links, buttons and regions that say nothing but an icon's name, or nothing at all.
    const NAMELESS = [
        ["#searchbar-submit", "search"],
        ["#nav-sidebar-inner a:has(> .material-symbols-outlined:only-child)", "overview"],
        ["#nav-sidebar-apps .simplebar-content-wrapper", "navigation"],
        ["#changelist-form .simplebar-content-wrapper", "table"],
    ];

    const onKey = (event) => {
        if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            event.currentTarget.click();
        }
    };

    const makeButton = (element, label) => {
        if (element.dataset.jbButton) return;
        element.dataset.jbButton = "yes";
        element.setAttribute("role", "button");
        element.tabIndex = 0;
        if (label) element.setAttribute("aria-label", words()[label]);
        element.addEventListener("keydown", onKey);
    };

    const nameLandmarks = () => {
        const main = document.getElementById("main") ?? document.getElementById("login-form")?.parentElement;
        main?.setAttribute("role", "main");
        document.getElementById("nav-sidebar-inner")?.setAttribute("aria-label", words().navigation);
    };

    // Icons are ligatures: without this "add" or "logout" would be read out.
    const hideIconNames = () => {
        document.querySelectorAll(".material-symbols-outlined:not([role])").forEach((icon) => {
            icon.setAttribute("aria-hidden", "true");
        });
        document.querySelectorAll("a.addlink").forEach((link) => {
            link.setAttribute("aria-label", link.title);
        });
    };

    const nameTheNameless = () => {
        for (const [selector, name] of NAMELESS) {
            document.querySelectorAll(selector).forEach((element) => {
                element.setAttribute("aria-label", words()[name]);
            });
        }
    };

    const repair = () => {
        for (const [selector, label] of CLICK_TARGETS) {
            document.querySelectorAll(selector).forEach((element) => makeButton(element, label));
        }
        nameLandmarks();
        hideIconNames();
        nameTheNameless();
    };

    const addSkipLink = () => {
        const content = document.getElementById("content");
        if (!content) return;
        content.tabIndex = -1;
        const link = Object.assign(document.createElement("a"), {
            className: "jb-skip", href: "#content", textContent: words().skip,
        });
        document.body.prepend(link);
    };

    // The dialog: announced as one, focus inside while it is open, and back to its opener after.
    let opener = null;

    const focusable = (box) =>
        [...box.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, [tabindex='0']")]
            .filter((element) => element.offsetParent !== null);

    const openDialog = (box) => {
        const title = box.querySelector("h1");
        if (title) title.id = "jb-dialog-title";
        box.setAttribute("role", "dialog");
        box.setAttribute("aria-modal", "true");
        box.setAttribute("aria-labelledby", "jb-dialog-title");
        const field = box.querySelector("input:not([type=hidden]), select, textarea, button[type=submit], .primary");
        setTimeout(() => field?.focus(), 50); // after Alpine has shown it
    };

    const keepInside = (event, box) => {
        const stops = focusable(box);
        if (event.key !== "Tab" || !stops.length) return;
        const [first, last] = [stops[0], stops[stops.length - 1]];
        if (event.shiftKey && document.activeElement === first) {
            event.preventDefault();
            last.focus();
        } else if (!event.shiftKey && document.activeElement === last) {
            event.preventDefault();
            first.focus();
        }
    };

    const watchDialog = () => {
        const box = document.getElementById("modal-content");
        if (!box) return;
        box.addEventListener("keydown", (event) => keepInside(event, box));
        new MutationObserver(() => {
            if (box.offsetParent === null && opener) {
                opener.focus();
                opener = null;
            }
        }).observe(box.parentElement, { attributes: true, attributeFilter: ["style"] });
        document.body.addEventListener("htmx:beforeRequest", (event) => {
            if (event.target.matches("a[hx-target='#modal-content']")) opener = event.target;
        });
        document.body.addEventListener("htmx:afterSettle", () => {
            repair();
            if (box.querySelector("#dialog")) openDialog(box);
        });
    };

    const copy = async (event) => {
        const button = event.target.closest("[data-copy]");
        if (!button) return;
        const source = document.getElementById(button.dataset.copy);
        if (!navigator.clipboard) { // a browser gives it to https and localhost only
            window.getSelection().selectAllChildren(source);
            return;
        }
        await navigator.clipboard.writeText(source.textContent);
        button.textContent = words().copied;
    };

    // For times in the reader's zone: a browser tells its language by itself, but no zone.
    const tellZone = () => {
        const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
        document.cookie = `zone=${zone}; path=/admin/; max-age=31536000; samesite=lax`;
    };

    document.addEventListener("DOMContentLoaded", () => {
        tellZone();
        addSkipLink();
        repair();
        watchDialog();
        document.addEventListener("click", copy);
    });
    window.addEventListener("load", repair); // by then SimpleBar has made its regions
})();
