/* A page that waits for something to end: asks for its state, and shows the new one once it differs. */
"use strict";

(() => {
    const EVERY_MS = 1500;
    const place = document.querySelector("[data-await]");

    const look = async () => {
        if (document.visibilityState === "visible") {
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
        setTimeout(look, EVERY_MS);
    };

    setTimeout(look, EVERY_MS);
})();
