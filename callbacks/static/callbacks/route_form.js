/* The form of a route: names from the org, variables in templates, and a preview while typing. */
"use strict";

(() => {
    const PAUSE = 400; // ms without a key, before anything is asked
    let known = {};
    let helper = null;
    let form = null;

    const ask = async (url, more, signal) => {
        const data = new FormData(form);
        for (const [name, value] of Object.entries(more)) data.set(name, value);
        const answer = await fetch(url, { method: "POST", body: data, signal, headers: { "X-Requested-With": "fetch" } });
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
    };

    const changed = (field) => {
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
    };

    // --- names to choose

    const listed = (field) => known[field.dataset.jbChoices] ?? [];

    const offerNames = (field, all) => {
        const text = all ? "" : field.value;
        jbChoosing.open(field, jbChoosing.matching(listed(field), text), (choice) => {
            field.value = choice.value;
            changed(field);
            describe(field);
        });
    };

    const chosenField = (name) => (known.fields ?? []).find((choice) => choice.value.toLowerCase() === name.trim().toLowerCase());

    // Under the name of a field: what people call it, and what it takes.
    const describe = (field) => {
        if (field.dataset.jbChoices !== "fields") return;
        let line = field.parentElement.querySelector(".jb-chosen");
        if (!line) {
            line = document.createElement("small");
            line.className = "jb-chosen";
            line.translate = false; // the org's own words
            line.id = `${field.id}-chosen`;
            field.after(line);
            field.setAttribute("aria-describedby", line.id);
        }
        const found = chosenField(field.value);
        line.textContent = found ? [found.label, found.note].filter(Boolean).join(" · ") : "";
    };

    const describeAll = () => document.querySelectorAll("[data-jb-choices=fields]").forEach(describe);

    const dress = (field) => {
        if (field.dataset.jbDressed) return;
        field.dataset.jbDressed = "yes";
        if (field.matches("[data-jb-choices]")) {
            field.setAttribute("role", "combobox");
            field.setAttribute("aria-expanded", "false");
        }
        field.setAttribute("aria-autocomplete", "list");
        field.setAttribute("aria-haspopup", "listbox");
    };

    // --- templates

    const BEGUN = /\{\{\s*([\w.]*)$/;

    const insertVariable = (area, choice) => {
        const before = area.value.slice(0, area.selectionStart).replace(BEGUN, "");
        const after = area.value.slice(area.selectionStart).replace(/^[\w.]*\s*\}\}/, "");
        const isOpen = choice.value.endsWith("."); // the rest of the name is to be typed
        const text = `{{ ${choice.value} }}`;
        area.value = before + text + after;
        const caret = before.length + text.length - (isOpen ? 3 : 0);
        area.setSelectionRange(caret, caret);
        changed(area);
    };

    const valuesFor = (area) => {
        const name = area.closest("tr")?.querySelector("[data-jb-choices=fields]")?.value ?? "";
        return chosenField(name)?.values ?? [];
    };

    const offerVariables = (area, text) => {
        jbChoosing.open(area, jbChoosing.matching(known.variables ?? [], text), (choice) => insertVariable(area, choice), { first: text !== "" });
    };

    const offerInTemplate = (area) => {
        const begun = area.value.slice(0, area.selectionStart).match(BEGUN);
        if (begun) return offerVariables(area, begun[1]);
        const values = area.value.includes("{") ? [] : valuesFor(area).map((value) => ({ value, label: "" }));
        if (!values.length) return jbChoosing.close();
        const isWhole = values.some(({ value }) => value === area.value);
        jbChoosing.open(area, isWhole ? values : jbChoosing.matching(values, area.value), ({ value }) => {
            area.value = value;
            changed(area);
        });
    };

    const addVariableButton = (area) => {
        if (area.parentElement.querySelector(".jb-variable")) return;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "jb-variable";
        button.textContent = helper.dataset.insert;
        button.addEventListener("click", () => {
            area.focus();
            offerVariables(area, "");
        });
        area.after(button);
    };

    // --- what the org is known to have

    const load = async (again) => {
        const note = document.querySelector(".jb-known");
        try {
            known = await ask(helper.dataset.choices, again ? { again: "yes" } : {});
        } catch {
            known = {};
        }
        if (note) note.querySelector("span").textContent = known.said ?? "";
        if (note) note.hidden = !known.said;
        describeAll();
    };

    // --- preview

    let waiting = null;
    let running = null;

    const preview = async (more = {}) => {
        running?.abort();
        running = new AbortController();
        const panel = document.getElementById("jb-preview");
        panel.setAttribute("aria-busy", "true");
        try {
            const told = await ask(helper.dataset.preview, more, running.signal);
            panel.innerHTML = told.html;
            const detail = panel.querySelector(".jb-verdict strong")?.textContent ?? "";
            document.dispatchEvent(new CustomEvent("jb:say", { detail }));
            offerSamples(told.samples);
        } catch (error) {
            if (error.name === "AbortError") return;
            panel.textContent = helper.dataset.failed;
        }
        panel.removeAttribute("aria-busy");
    };

    const offerSamples = (samples) => {
        const chooser = document.getElementById("jb-sample");
        const there = [...chooser.options].map((option) => option.value).join();
        if (there === samples.map(({ id }) => id).join()) return;
        const chosen = chooser.value;
        chooser.replaceChildren(...samples.map(({ id, label }) => new Option(label, id, false, id === chosen)));
        chooser.closest("label").hidden = !samples.length;
    };

    const soon = () => {
        clearTimeout(waiting);
        waiting = setTimeout(preview, PAUSE);
    };

    // --- all together

    const onFocus = ({ target }) => {
        if (!target.matches("[data-jb-choices], textarea.jb-template")) return;
        dress(target);
        if (target.matches("textarea.jb-template")) offerInTemplate(target);
    };

    const onInput = ({ target, isTrusted }) => { // what was chosen is not asked about again
        if (isTrusted && target.matches("[data-jb-choices]")) offerNames(target);
        if (isTrusted && target.matches("textarea.jb-template")) offerInTemplate(target);
        if (!target.closest("#jb-route") || target.id === "jb-sample") soon();
    };

    const onChange = ({ target }) => {
        if (target.matches("[data-jb-choices]")) describe(target);
        if (target.matches("#id_target, #id_action")) load();
    };

    const onKey = (event) => {
        const opens = event.key === "ArrowDown" && event.target.matches("[data-jb-choices]");
        if (opens && !jbChoosing.isOpen(event.target)) {
            event.preventDefault();
            offerNames(event.target, true);
        }
    };

    const addButtons = () => document.querySelectorAll("tr:not(.empty-form tr) textarea.jb-template[name^=mappings]").forEach(addVariableButton);

    document.addEventListener("DOMContentLoaded", () => {
        helper = document.getElementById("jb-route");
        form = helper?.closest("form");
        if (!form) return;
        form.addEventListener("focusin", onFocus);
        form.addEventListener("click", ({ target }) => {
            if (target.matches("input[data-jb-choices]")) offerNames(target, true);
            if (target.closest(".delete-template")) soon();
        });
        form.addEventListener("input", onInput);
        form.addEventListener("change", onChange);
        form.addEventListener("keydown", onKey);
        document.addEventListener("formset:added", addButtons);
        document.getElementById("jb-ask").addEventListener("click", () => preview({ ask: "yes" }));
        document.querySelector(".jb-known button")?.addEventListener("click", () => load(true));
        document.querySelectorAll("[data-jb-choices], textarea.jb-template").forEach(dress);
        addButtons();
        load().then(() => preview());
    });
})();
