// The operator's desk: timer, and keys. Digits by physical place, so AZERTY needs no Shift; only where a result is due.
"use strict";
(() => {
  // A second press meant for something else must not call whoever has just appeared.
  const CALM_MS = 1000;
  let preview = null;
  let shownAt = 0;
  const tick = () => {
    const desk = document.querySelector("[data-desk]");
    if (!desk) return;
    const left = desk.querySelector("[data-left]");
    if (left && left.dataset.ends !== preview) {
      shownAt = Date.now();
      setTimeout(tick, CALM_MS);
    }
    preview = left && left.dataset.ends;
    const call = desk.querySelector("[data-preview] [data-key]");
    if (call) call.disabled = Date.now() - shownAt < CALM_MS;
    if (!desk.offset) desk.offset = Number(desk.dataset.now) - Date.now();
    const seconds = Math.max(0, Math.floor((Date.now() + desk.offset - Number(desk.dataset.since)) / 1000));
    const text = desk.dataset.state === "offline" ? "" : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    desk.querySelector("[data-timer]").textContent = text;
    if (left) left.textContent = `${Math.max(0, Math.ceil((Number(left.dataset.ends) - Date.now() - desk.offset) / 1000))} s`;
  };

  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const form = document.querySelector("[data-results]");
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (form && digit) {
      const choice = form.querySelectorAll("[type=radio]")[Number(digit[1]) - 1];
      if (choice) {
        choice.checked = true;
        choice.focus();
      }
    }
    const button = document.querySelector(`[data-key="${event.key}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
  document.addEventListener("htmx:afterSwap", () => {
    const first = document.querySelector("[data-results] [data-first]");
    if (first && !document.querySelector("[data-results] :checked")) first.closest("form").querySelector("[type=radio]").focus({ preventScroll: true });
    tick();
  });
  setInterval(tick, 500);
  tick();
})();
