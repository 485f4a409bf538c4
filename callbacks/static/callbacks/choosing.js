/* A list to choose from under a field: names known in the org, or what templates may print.
   What is typed stays as it is; the list only helps. Keyboard: arrows, Enter, Escape. */
"use strict";

const jbChoosing = (() => {
    const MOST_SHOWN = 200;
    let box = null;      // the list, one for the page
    let field = null;    // whom it belongs to now
    let shown = [];      // [option element, choice]
    let active = -1;
    let take = null;     // what choosing does
    const words = () => document.getElementById("jb-route")?.dataset ?? {};

    const make = (tag, className, text) => {
        const element = document.createElement(tag);
        if (className) element.className = className;
        if (text) element.textContent = text;
        return element;
    };

    const theBox = () => {
        if (!box) {
            box = make("div", "jb-choices");
            box.id = "jb-choices";
            box.setAttribute("role", "listbox");
            box.hidden = true;
            box.addEventListener("mousedown", (event) => event.preventDefault()); // focus stays
            box.addEventListener("click", (event) => {
                const found = shown.findIndex(([option]) => option.contains(event.target));
                if (found >= 0) choose(found);
            });
            document.body.append(box);
        }
        return box;
    };

    const describe = (choice) => {
        const option = make("div", "jb-choice");
        option.setAttribute("role", "option");
        option.translate = false; // names of others
        option.append(make("strong", "", choice.label || choice.value));
        if (choice.label) option.append(make("code", "", choice.value));
        if (choice.note) option.append(make("small", "", choice.note));
        return option;
    };

    const fill = (choices) => {
        const list = theBox();
        list.replaceChildren();
        shown = [];
        let group = null;
        for (const choice of choices.slice(0, MOST_SHOWN)) {
            if (choice.group && group?.dataset.name !== choice.group) {
                group = make("div", "jb-choice-group");
                group.dataset.name = choice.group;
                group.setAttribute("role", "group");
                group.setAttribute("aria-label", choice.group);
                const heading = make("div", "jb-choice-heading", choice.group);
                heading.setAttribute("aria-hidden", "true");
                group.append(heading);
                list.append(group);
            }
            const option = describe(choice);
            option.id = `jb-choice-${shown.length}`;
            (choice.group ? group : list).append(option);
            shown.push([option, choice]);
        }
    };

    const place = () => {
        if (!field || box.hidden) return;
        const at = field.getBoundingClientRect();
        const below = innerHeight - at.bottom - 12;
        const above = at.top - 12;
        const goesUp = below < 180 && above > below;
        box.style.left = `${at.left}px`;
        box.style.width = `${Math.max(at.width, Math.min(360, innerWidth - at.left - 12))}px`;
        box.style.maxHeight = `${Math.min(320, goesUp ? above : below)}px`;
        box.style.top = goesUp ? "auto" : `${at.bottom + 4}px`;
        box.style.bottom = goesUp ? `${innerHeight - at.top + 4}px` : "auto";
    };

    const mark = (index) => {
        shown[active]?.[0].setAttribute("aria-selected", "false");
        active = index;
        const option = shown[active]?.[0];
        if (!option) {
            field.removeAttribute("aria-activedescendant");
            return;
        }
        option.setAttribute("aria-selected", "true");
        option.scrollIntoView({ block: "nearest" });
        field.setAttribute("aria-activedescendant", option.id);
    };

    const close = () => {
        if (!field) return;
        if (field.getAttribute("role") === "combobox") field.setAttribute("aria-expanded", "false");
        field.removeAttribute("aria-activedescendant");
        field.removeAttribute("aria-controls");
        field = null;
        theBox().hidden = true;
    };

    const choose = (index) => {
        const [, choice] = shown[index];
        const chosen = take;
        close();
        chosen(choice);
    };

    /* Show the choices under `target`; `onChoose` gets the one that is chosen. */
    const open = (target, choices, onChoose, { first = false } = {}) => {
        if (field && field !== target) close();
        if (!choices.length) return close();
        field = target;
        take = onChoose;
        fill(choices);
        theBox().hidden = false;
        box.setAttribute("aria-label", target.getAttribute("aria-label") || target.labels?.[0]?.textContent.trim() || words().list);
        if (target.getAttribute("role") === "combobox") target.setAttribute("aria-expanded", "true");
        target.setAttribute("aria-controls", box.id);
        place();
        active = -1;
        mark(first ? 0 : -1);
    };

    /* Whether the key was for the list. */
    const key = (event) => {
        if (!field || event.target !== field) return false;
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) {
            mark((active + step + shown.length + (active < 0 && step < 0 ? 1 : 0)) % shown.length);
        } else if (event.key === "Enter" && active >= 0) {
            choose(active);
        } else if (event.key === "Escape") {
            close();
        } else {
            if (event.key === "Tab") close();
            return false;
        }
        event.preventDefault();
        event.stopPropagation();
        return true;
    };

    document.addEventListener("keydown", key, true);
    document.addEventListener("focusout", (event) => { if (event.target === field) close(); });
    addEventListener("scroll", place, true);
    addEventListener("resize", place);

    /* What contains the text; first what begins with it, then without groups. */
    const matching = (choices, text) => {
        const sought = text.trim().toLowerCase();
        const found = choices.filter(({ value, label }) => `${value} ${label}`.toLowerCase().includes(sought));
        if (!sought) return found;
        const begins = ({ value, label }) => [value, label].some((name) => name.toLowerCase().startsWith(sought));
        return [...found.filter(begins), ...found.filter((choice) => !begins(choice))].map((choice) => ({ ...choice, group: "" }));
    };

    return { open, close, matching, isOpen: (target) => field === target };
})();
