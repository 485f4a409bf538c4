/* The progress of a replay: asked for while the page is looked at, written where it changed. */
"use strict";

(() => {
    const EVERY_MS = 2000;
    const PATIENCE = 3; // answers that may fail before the page says so

    const page = document.querySelector("[data-progress]");
    const bar = page?.querySelector("[role=progressbar]");
    let failures = 0;

    const write = (name, text) => {
        const place = page.querySelector(`[data-figure="${name}"]`);
        if (!place || place.textContent === text) return;
        place.textContent = text;
        if (place.dataset.href) place.href = place.dataset.href; // there is something to see now
    };

    const show = (told) => {
        if (told.state !== page.dataset.state) {
            location.reload(); // other buttons, and what it came to
            return;
        }
        bar.setAttribute("aria-valuenow", told.percent);
        bar.firstElementChild.style.width = `${told.percent}%`;
        Object.entries(told.texts).forEach(([name, text]) => write(name, text));
    };

    const ask = async () => {
        const answer = await fetch(page.dataset.progress, {
            headers: { Accept: "application/json" }, redirect: "manual",
        });
        if (answer.type === "opaqueredirect") { // to the page for signing in
            write("left", page.dataset.signedOut);
            return true;
        }
        if (!answer.ok) throw new Error(String(answer.status));
        const told = await answer.json();
        show(told);
        return hasEnded(told);
    };

    // Of one that was cancelled, rows on their way are still counted.
    const hasEnded = ({ state, under_way: underWay }) => state === "done" || (state === "cancelled" && !underWay);

    const look = async () => {
        if (document.visibilityState === "visible") {
            try {
                if (await ask()) return;
                failures = 0;
            } catch {
                failures += 1;
                if (failures >= PATIENCE) write("left", page.dataset.away);
            }
        }
        setTimeout(look, EVERY_MS);
    };

    if (page && page.dataset.state !== "done") setTimeout(look, EVERY_MS);
})();
