// What every page shares: dialogs, F1 and Ctrl+K, focus after a swap, rows as links. The browser keeps no state.
"use strict";
(() => {
  // Where text is typed, no key is a shortcut: every handler of keys without a modifier checks this first.
  const PRESSED = ["radio", "checkbox", "button", "submit", "reset", "image", "range"];
  window.telephonyIsTyping = (node) => {
    if (!node || !node.closest) return false;
    const field = node.closest("input, textarea, select, [contenteditable]");
    if (!field) return false;
    if (field.matches("input")) return !PRESSED.includes(field.type);
    return field.isContentEditable || field.matches("textarea, select");
  };

  const open = (id) => {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) open(opener.dataset.open);
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
    const row = event.target.closest("[data-row]");
    if (row && !event.target.closest("a, button") && !String(getSelection())) row.querySelector("a").click();
  });

  // Success closes the dialog. A refusal is shown in it.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) return;
    const form = event.target.closest && event.target.closest("[data-closes]");
    if (form) form.closest("dialog").close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "F1") {
      event.preventDefault();
      open("keys");
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const search = document.querySelector("[data-search]");
      event.preventDefault();
      if (search) search.select();
      else if (document.querySelector('nav a[href="/recordings"]')) location.assign("/recordings");
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      moveInRows(event);
    }
  });

  function moveInRows(event) {
    const rows = [...document.querySelectorAll("[data-row] a")];
    const here = rows.indexOf(document.activeElement);
    const isSearch = document.activeElement && document.activeElement.matches("[data-search]");
    if (!rows.length || (here < 0 && !isSearch)) return;
    const next = rows[here + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }

  // A response that needs attention gets the focus; nothing else moves it.
  const attend = (root) => {
    const target = root.querySelector("[data-focus]");
    if (target) target.focus();
  };
  document.addEventListener("DOMContentLoaded", () => attend(document));
  document.addEventListener("htmx:afterSwap", (event) => {
    attend(event.detail.target.isConnected ? event.detail.target : document);
    document.body.dispatchEvent(new CustomEvent("swapped"));
  });
})();
