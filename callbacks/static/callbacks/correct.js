/* Counts the characters of a field that takes only so many, while somebody types. */
"use strict";

document.querySelectorAll("[data-length]").forEach((field) => {
    const counter = document.querySelector(`[data-counter="${field.id}"]`);
    const count = () => {
        counter.firstElementChild.textContent = field.value.length;
        if (field.value.length > Number(field.dataset.length)) counter.dataset.tone = "bad";
        else delete counter.dataset.tone;
    };
    field.addEventListener("input", count);
});
