/* A page that waits for something to end: asks for its state, ever more rarely, and shows the new
   one once it differs, but not to somebody who is in a dialog. */
"use strict";

(() => {
    const SLOWEST_MS = 15_000;
    const place = document.querySelector("[data-await]");
    let pause = 1500;

    const isBusy = () => document.activeElement?.closest("#modal-content");

    const look = async () => {
        if (document.visibilityState === "visible" && !isBusy()) {
            try {
                const answer = await fetch(place.dataset.await, { redirect: "error", cache: "no-store" });
                const { state } = await answer.json();
                if (answer.ok && state !== place.dataset.state) {
                    location.reload();
                    return;
                }
            } catch {
                // the server is away for a moment; the next look may reach it
            }
        }
        pause = Math.min(pause * 1.2, SLOWEST_MS);
        setTimeout(look, pause);
    };

    setTimeout(look, pause);
})();
