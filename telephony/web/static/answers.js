// An error response is never content. The page keeps what it shows and what was typed, shows the server's message (or
// its own) beside the form or part that sent the request, and repeats requests that only read.
//
// Place of the message: the element named by the nearest [data-said-in], else an element at the head of the form, else
// one before the part that would have been replaced. Only messages marked by our server are shown, never the page of a
// proxy between us.
"use strict";
(() => {
  const WAITS_S = [1, 2, 4, 8, 15, 30, 60];
  const tries = new WeakMap();
  const words = () => document.getElementById("problems").dataset;

  const made = (before) => {
    const place = Object.assign(document.createElement("div"), { className: "summary-error", tabIndex: -1, hidden: true });
    place.setAttribute("role", "alert");
    place.dataset.said = "";
    before(place);
    return place;
  };

  function placeOf(detail) {
    const from = [detail.elt, detail.target].find((node) => node && node.isConnected) || document.getElementById("main");
    const form = from.closest("form");
    const named = !from.closest("dialog") && from.closest("[data-said-in]");
    const given = named && document.querySelector(named.dataset.saidIn);
    if (given) return given;
    if (form) return form.querySelector(":scope > [data-said]") || made((place) => form.prepend(place));
    const part = detail.target && detail.target.isConnected && detail.target !== document.body ? detail.target : from;
    const last = part.previousElementSibling;
    return last && last.hasAttribute("data-said") ? last : made((place) => part.before(place));
  }

  function sentenceOf({ xhr, requestConfig }, again_s) {
    const said = xhr.status && xhr.getResponseHeader("X-Problem") !== null;
    const text = new DOMParser().parseFromString(said ? xhr.responseText : "", "text/html").body.textContent.trim();
    if (text) return text;
    const key = (xhr.status ? "status" : "nothing") + (requestConfig.verb === "get" ? "Read" : "Act");
    return words()[key].replace("{status}", xhr.status).replace("{n}", again_s);
  }

  function say(detail) {
    const isRead = detail.requestConfig.verb === "get";
    const count = tries.get(detail.elt) || 0;
    const again_s = WAITS_S[Math.min(count, WAITS_S.length - 1)];
    const place = placeOf(detail);
    const text = sentenceOf(detail, again_s);
    const field = detail.xhr.status ? detail.xhr.getResponseHeader("X-Problem-Field") : null;
    const link = field && Object.assign(document.createElement("a"), { href: `#${field}`, textContent: text });
    if (place.textContent !== text) place.replaceChildren(link || text);
    place.hidden = false;
    place.dataset.saidAt = Date.now();
    place.dataset.saidOf = isRead ? "read" : "act";
    // The rows on the page belong to an earlier search: hide them.
    if (isRead && detail.elt.matches("form")) detail.target.hidden = true;
    if (!isRead && place.id !== "desk-said") place.focus();
    if (isRead) againIn(detail, again_s, count);
  }

  function againIn({ elt, target, requestConfig }, seconds, count) {
    clearTimeout(elt.triesAgain);
    tries.set(elt, count + 1);
    elt.triesAgain = setTimeout(() => {
      if (elt.isConnected) window.htmx.ajax("GET", requestConfig.path, { source: elt, target });
    }, 1000 * seconds);
  }

  function clear(detail) {
    tries.delete(detail.elt);
    clearTimeout(detail.elt.triesAgain);
    if (detail.target && detail.requestConfig.verb === "get") detail.target.hidden = false;
    const place = placeOf(detail);
    // The reason why an action was refused stays when a part of the page refreshes itself.
    if (detail.requestConfig.verb === "get" && place.dataset.saidOf === "act") return;
    place.hidden = true;
    place.replaceChildren();
  }

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    // Only afterwards can it be seen that a request was aborted for a newer one: that is no error.
    setTimeout(() => {
      if (detail.xhr.status >= 200 && detail.xhr.status < 400) clear(detail);
      else if (detail.xhr.readyState !== 0) say(detail);
    });
  });
})();
