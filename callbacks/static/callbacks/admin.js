/* What Unfold leaves to the mouse, made reachable for keyboard and screen reader. */
"use strict";

(() => {
    const words = () => document.querySelector("meta[name=jb-words]")?.dataset ?? {};
    const all = (selector, root = document) => [...root.querySelectorAll(selector)];

    // Elements that react to a click but are neither links nor buttons, and what they are called.
    const CLICK_TARGETS = [
        ["#header-inner span[x-on\\:click*='sidebar']", "sidebar"],
        ["#nav-sidebar-inner span[x-on\\:click*='sidebarMobileOpen']", "close"],
        ["#nav-sidebar-inner div[x-on\\:click*='openUserLinks']", null],
        ["#nav-sidebar-inner div[x-on\\:click*='opencommand']", null],
        ["#dialog > div[x-on\\:click*='openModal']", "close"],
        ["a[x-on\\:click*='openTheme']", "theme"],
        ["a[x-on\\:click*='adminTheme']", null],
        ["a[x-on\\:click*='switchTheme']", null],
        ["#changelist a[x-on\\:click*='filterOpen']", null],
        ["#changelist td[x-on\\:click*='rowOpen']", "row"],
        ["#content div[x-on\\:click*='rowOpen']", "row"],
        ["#content span[x-on\\:click*='open']", null],
        ["div[x-on\\:click*='openRelatedWidgetWrapper']", "more"],
        ["div[x-on\\:click*='openTabsDropdown']", "more"],
        ["a[x-on\\:click*='actionDropdownOpen']", null],
        ["a[x-on\\:click*='activeFieldsetTab']", null],
        ["span[x-on\\:click*='showPassword']", "password"],
    ];

    // Links, buttons and regions that say nothing but an icon's name, or nothing at all.
    const NAMELESS = [
        ["#searchbar-submit, #command-submit", "search"],
        ["#search-input-command", "search"],
        ["#header-inner a[x-on\\:click*='showActions']", "more"],
        ["#nav-sidebar-inner a:has(> .material-symbols-outlined:only-child)", "overview"],
        ["#nav-sidebar-inner nav:not([aria-label])", "account"],
        ["nav:not([aria-label])", "more"],
        ["#nav-sidebar-apps .simplebar-content-wrapper", "navigation"],
        ["#changelist-form .simplebar-content-wrapper", "table"],
        ["#changelist-filter .simplebar-content-wrapper", "filters"],
        [".simplebar-content-wrapper[aria-label='scrollable content']", "content"],
    ];

    const press = (event) => {
        if (event.target !== event.currentTarget) return;
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
        if (element.matches("[x-on\\:click*='opencommand']")) element.setAttribute("aria-haspopup", "dialog");
        element.addEventListener("keydown", press);
    };

    const nameTheNameless = () => {
        for (const [selector, name] of NAMELESS) {
            all(selector).filter((element) => !element.ariaLabel || element.ariaLabel === "scrollable content")
                .forEach((element) => element.setAttribute("aria-label", words()[name]));
        }
        document.getElementById("nav-sidebar-inner")?.setAttribute("aria-label", words().navigation);
        document.getElementById("command-results")?.setAttribute("aria-live", "polite");
        all("a.addlink").forEach((link) => link.setAttribute("aria-label", link.title));
    };

    const nameLandmarks = () => {
        const main = document.getElementById("main") ?? document.querySelector("#page > div");
        main?.setAttribute("role", "main");
        all("nav a.active").forEach((link) => link.setAttribute("aria-current", "page"));
    };

    // Icons are ligatures: without this "add" or "logout" would be read out.
    const hideIconNames = () => {
        all(".material-symbols-outlined:not([role], [title])").forEach((icon) => {
            icon.setAttribute("aria-hidden", "true");
        });
        all(".material-symbols-outlined[title]:not([role])").forEach((icon) => {
            icon.setAttribute("role", "img"); // an explanation that appears on hovering, and so on focus
            icon.setAttribute("aria-label", icon.title);
            icon.tabIndex = 0;
        });
    };

    const describeTables = () => {
        all("tbody th:not([scope])").forEach((cell) => cell.setAttribute("scope", "row"));
        all("th:not([scope])").forEach((cell) => cell.setAttribute("scope", "col"));
        all("th:has(.sortoptions)").forEach((cell) => {
            const order = cell.querySelector(".toggle.descending") ? "descending" : "ascending";
            cell.setAttribute("aria-sort", order);
        });
    };

    // What opens something says whether it is open, and a chosen theme that it is chosen.
    const SWITCHES = /(\w+) = (?:!\1|true)/;
    const THEME = /(?:switchTheme\(|adminTheme = )'(\w+)'/;

    const stateOf = (element) => Alpine.$data(element);

    const follow = (element) => {
        if (element.dataset.jbFollowed) return;
        const click = element.getAttribute("x-on:click");
        const [, name] = SWITCHES.exec(click) ?? [];
        const [, theme] = THEME.exec(click) ?? [];
        if (!name && !theme) return;
        element.dataset.jbFollowed = name ?? theme;
        Alpine.effect(() => {
            const state = stateOf(element);
            if (name) element.setAttribute("aria-expanded", String(Boolean(state[name])));
            else element.setAttribute("aria-pressed", String(state.adminTheme === theme));
        });
    };

    const repair = () => {
        for (const [selector, label] of CLICK_TARGETS) {
            all(selector).forEach((element) => makeButton(element, label));
        }
        nameLandmarks();
        hideIconNames();
        nameTheNameless();
        describeTables();
        if (window.Alpine?.version) all("[data-jb-button], button[x-on\\:click], a[x-on\\:click]").forEach(follow);
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

    // Layers: announced as dialogs, focus inside while they are open, and back to the opener after.
    const LAYERS = [
        ["#modal-content", "openModal", null],
        ["#changelist-filter > div:last-child", "filterOpen", "filters"],
        ["[x-data^='searchCommand'] > div", "openCommandResults", "search"],
    ];
    const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, [tabindex='0']";
    const FIELDS = ["input:not([type=hidden]), select, textarea", "button[type=submit], .primary"]; // the first kind first

    const stops = (box) => all(STOPS, box).filter((element) => element.checkVisibility({ visibilityProperty: true }));

    const nameDialog = (box) => {
        const [title, text] = [box.querySelector("h1"), box.querySelector("h1 + p")];
        if (!title) return;
        title.id = "jb-dialog-title";
        title.ariaLevel = "2"; // the page has its own first one
        box.setAttribute("aria-labelledby", title.id);
        if (text) {
            text.id = "jb-dialog-text";
            box.setAttribute("aria-describedby", text.id);
        }
    };

    const focusInside = (box) => {
        const wrong = box.querySelector(".errors :is(input, select, textarea)");
        const visible = FIELDS.flatMap((kind) => all(kind, box)).find((element) => element.checkVisibility());
        (wrong ?? visible ?? stops(box)[0])?.focus();
    };

    const keepInside = (event, box) => {
        const found = stops(box);
        if (event.key !== "Tab" || !found.length) return;
        const [first, last] = [found[0], found.at(-1)];
        const leaves = event.shiftKey ? first : last;
        if (document.activeElement === leaves || !box.contains(document.activeElement)) {
            event.preventDefault();
            (event.shiftKey ? last : first).focus();
        }
    };

    const watchLayer = ([selector, state, label]) => {
        const box = document.querySelector(selector);
        if (!box) return;
        let opener = null;
        box.setAttribute("role", "dialog");
        box.setAttribute("aria-modal", "true");
        if (label) box.setAttribute("aria-label", words()[label]);
        box.addEventListener("keydown", (event) => keepInside(event, box));
        Alpine.effect(() => {
            if (stateOf(box)[state]) {
                opener = document.activeElement;
                setTimeout(() => focusInside(box), 50); // after Alpine has shown it
            } else if (opener) {
                opener.focus();
                opener = null;
            }
        });
        document.body.addEventListener("htmx:afterSettle", () => {
            repair();
            nameDialog(box);
            if (box.contains(document.activeElement) || stateOf(box)[state]) focusInside(box);
        });
    };

    // Menus: the focus goes in with Enter, and Escape closes them.
    const MENUS = ["openUserLinks", "openTheme", "actionDropdownOpen", "showActions",
        "openRelatedWidgetWrapper", "openTabsDropdown", "sidebarMobileOpen"];

    const menuOf = (toggle) => toggle.dataset.jbFollowed === "sidebarMobileOpen"
        ? document.getElementById("nav-sidebar-inner") : toggle.parentElement.querySelector("nav, ul");

    const enterMenu = (event) => {
        const toggle = event.target.closest?.("[data-jb-followed]");
        if (event.detail || !toggle || !MENUS.includes(toggle.dataset.jbFollowed)) return; // by the mouse
        setTimeout(() => {
            if (toggle.ariaExpanded === "true") stops(menuOf(toggle) ?? toggle)[0]?.focus();
        }, 50);
    };

    const closeMenus = (event) => {
        if (event.key !== "Escape") return;
        all("[data-jb-followed][aria-expanded=true]")
            .filter((toggle) => MENUS.includes(toggle.dataset.jbFollowed) && toggle.checkVisibility())
            .forEach((toggle) => {
                stateOf(toggle)[toggle.dataset.jbFollowed] = false;
                toggle.focus();
            });
    };

    // One place for what a screen reader has to say; a script asks for it by the event "jb:say".
    const said = document.createElement("div");
    said.className = "jb-sr";
    said.setAttribute("role", "status");

    const say = (text) => {
        if (said.textContent !== text) said.textContent = text;
    };

    const copy = async (event) => {
        const button = event.target.closest("[data-copy]");
        if (!button) return;
        const source = document.getElementById(button.dataset.copy);
        if (navigator.clipboard) { // a browser gives it to https and localhost only
            await navigator.clipboard.writeText(source.textContent);
            button.textContent = words().copied;
        } else {
            window.getSelection().selectAllChildren(source);
            button.textContent = words().selected;
        }
        say(button.textContent);
    };

    // Of what was asked for, the verdict alone is read out, not the whole table below it.
    const sayVerdict = (event) => {
        const verdict = event.target.querySelector?.(".jb-verdict strong");
        if (verdict) say(verdict.textContent);
    };

    // Enter before anything was found: Unfold's script would stumble.
    const holdEnter = (event) => {
        const isSearch = event.target.id === "search-input-command" && event.key === "Enter";
        if (isSearch && !document.querySelector("#command-results-list .active")) event.stopImmediatePropagation();
    };

    // What was asked for and did not come: said where it would have been.
    const sayFailure = (event) => {
        const place = event.detail.target;
        if (place?.dataset.failed) place.textContent = place.dataset.failed;
    };

    // For times in the reader's zone: a browser tells its language by itself, but no zone.
    const tellZone = () => {
        const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
        document.cookie = `zone=${zone}; path=/admin/; max-age=31536000; samesite=lax`;
    };

    document.addEventListener("DOMContentLoaded", () => {
        tellZone();
        document.addEventListener("keydown", holdEnter, { capture: true });
        for (const name of ["htmx:responseError", "htmx:sendError"]) document.body.addEventListener(name, sayFailure);
        document.body.addEventListener("htmx:afterSettle", sayVerdict);
        document.addEventListener("jb:say", ({ detail }) => say(detail));
        document.body.append(said);
        addSkipLink();
        repair();
        document.addEventListener("click", copy);
        document.addEventListener("click", enterMenu);
        document.addEventListener("keydown", closeMenus);
    });
    document.addEventListener("alpine:initialized", () => {
        repair();
        LAYERS.forEach(watchLayer);
    });
    window.addEventListener("load", repair); // by then SimpleBar has made its regions
})();
