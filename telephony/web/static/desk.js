// The operator's desk: redrawn when the server reports a change; timer, connection and shortcuts.
// Digits by physical key, so AZERTY needs no Shift; never while text is typed.
"use strict";
(() => {
  // A second press meant for something else must not call the person who has just appeared, or end another call.
  const CALM_MS = 1000;
  // Frames come each second; the page shows within three seconds that none came.
  const LOST_MS = 2400;
  const READ_MS = 8000;
  const root = document.getElementById("desk");
  const desk = () => root.querySelector("[data-desk]");
  const byId = (id) => document.getElementById(id);
  let latest = { frame: null, heardAt: Date.now() };
  let refreshedAt = 0;
  let calmFor = null;
  let calmSince = 0;
  let endedAt = 0;
  let choices = null;

  // ---- the link

  function hear(news) {
    latest = news;
    if (!news.frame.ended) show(news.frame);
    draw();
  }

  const isOlder = (boot, version) => boot === desk().dataset.boot && version < Number(desk().dataset.version);

  function show(frame) {
    byId("desk-elsewhere").hidden = !frame.elsewhere;
    const { boot, version } = desk().dataset;
    if (frame.boot !== boot || frame.version > Number(version)) {
      refresh();
    } else if (frame.version === Number(version)) {
      const lead = desk().querySelector("[data-lead]");
      if (lead.textContent !== frame.lead) lead.textContent = frame.lead;
      lead.dataset.kind = frame.kind;
    }
  }

  function refresh() {
    refreshedAt = Date.now();
    window.htmx.trigger(desk(), "refresh");
  }

  function drawLink() {
    const { frame, heardAt } = latest;
    const hasEnded = Boolean(frame && frame.ended);
    const isLost = hasEnded || Date.now() - heardAt > LOST_MS;
    const lost = byId("desk-lost");
    const words = root.dataset;
    const text = hasEnded ? words.ended : ["talking", "reserved"].includes(desk().dataset.state) ? words.lostCall : words.lost;
    if (lost.hidden === isLost || (isLost && lost.textContent !== text)) {
      lost.textContent = isLost ? text : "";
      lost.hidden = !isLost;
    }
    // What was true at the last frame is no longer shown.
    desk().querySelector("[data-lead]").hidden = isLost;
    const shown = document.querySelector("[data-link-shown]");
    const rtt = frame && !isLost ? frame.rtt : null;
    shown.textContent = typeof rtt === "number" ? words.rtt.replace("{n}", rtt) : words.noRtt;
    shown.dataset.level = isLost ? "lost" : rtt > 500 ? "slow" : "quiet";
    if (isLost && Date.now() - refreshedAt > 2000) refresh();
  }

  function connect() {
    if (typeof SharedWorker === "undefined") {
      window.telephonyLink(hear);
      return;
    }
    const worker = new SharedWorker(root.dataset.worker, { name: root.dataset.link });
    worker.port.onmessage = ({ data }) => hear(data);
    addEventListener("pagehide", () => worker.port.postMessage("bye"));
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  // ---- the page

  function draw() {
    const shown = desk();
    const left = shown.querySelector("[data-left]");
    const offered = left && left.dataset.ends;
    if (offered !== calmFor) {
      calmFor = offered;
      calmSince = Date.now();
      if (offered) setTimeout(draw, CALM_MS);
    }
    const call = shown.querySelector("[data-preview] [data-key]");
    if (call) call.disabled = Date.now() - calmSince < CALM_MS;
    if (!shown.offset) shown.offset = Number(shown.dataset.now) - Date.now();
    const seconds = Math.max(0, Math.floor((Date.now() + shown.offset - Number(shown.dataset.since)) / 1000));
    const text = shown.dataset.state === "offline" ? "" : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    shown.querySelector("[data-timer]").textContent = text;
    if (left) left.textContent = `${Math.max(0, Math.ceil((Number(offered) - Date.now() - shown.offset) / 1000))} s`;
    drawLink();
  }

  // A response that is older than the page is not drawn. A choice that was made and not sent stays when the same form
  // is drawn again.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== root || !event.detail.shouldSwap) return;
    const [, boot, version] = /data-boot="(\w+)" data-version="(\d+)"/.exec(event.detail.serverResponse) || [];
    if (version && isOlder(boot, Number(version))) event.detail.shouldSwap = false;
    const form = root.querySelector("[data-results]");
    choices = form && boot === desk().dataset.boot && Number(version) <= Number(desk().dataset.version) + 1 ? new FormData(form) : null;
  });

  function restore() {
    const form = root.querySelector("[data-results]");
    if (!form || !choices) return;
    form.querySelectorAll("[name]:not([type=hidden])").forEach((field) => {
      if (["radio", "checkbox"].includes(field.type)) field.checked = choices.getAll(field.name).includes(field.value);
      else if (choices.has(field.name)) field.value = choices.get(field.name);
    });
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== root) return;
    restore();
    choices = null;
    const form = root.querySelector("[data-results]");
    const isElsewhere = window.telephonyIsTyping(document.activeElement) || document.querySelector("dialog[open]:not(#end-call)");
    if (form && !form.querySelector(":checked") && !isElsewhere) form.querySelector("[type=radio]").focus({ preventScroll: true });
    if (desk().dataset.state !== "talking" && byId("end-call").open) byId("end-call").close();
    const said = byId("desk-said");
    if (!said.hidden && Date.now() - Number(said.dataset.saidAt || 0) > READ_MS) said.hidden = true;
    draw();
  });

  // A frame that came during the swap is handled now.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target === root && latest.frame && !latest.frame.ended) show(latest.frame);
  });

  // ---- ending the call: F10, then Enter; only the call that was shown, and once

  byId("end-call").querySelector("form").addEventListener("submit", (event) => {
    const isAgain = Date.now() - endedAt < CALM_MS;
    endedAt = Date.now();
    if (!isAgain) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open=end-call]");
    if (opener) byId("end-call").querySelector("[name=since]").value = desk().dataset.since;
  }, true);

  // ---- shortcuts

  document.addEventListener("keydown", (event) => {
    const hasModifier = event.ctrlKey || event.altKey || event.metaKey || event.getModifierState("AltGraph");
    // A key that is held down must not confirm a dialog that opened meanwhile.
    if (event.repeat && event.key === "Enter" && byId("end-call").open) event.preventDefault();
    if (event.repeat || event.isComposing || hasModifier || document.querySelector("dialog[open]")) return;
    if (chooses(event)) return;
    const button = /^F\d+$/.test(event.key) && !event.shiftKey && root.querySelector(`[data-key="${event.key}"]`);
    if (!button || document.activeElement.matches("select")) return;
    event.preventDefault();
    if (event.key !== "F10" || Date.now() - endedAt > CALM_MS) button.click();
  });

  // A digit chooses only while a choice, or nothing, has the focus: never where text is typed.
  function chooses(event) {
    const form = root.querySelector("[data-results]");
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (!form || !digit) return false;
    const here = document.activeElement || document.body;
    const isHere = here === document.body || here.id === "main" || form.contains(here);
    const choice = form.querySelectorAll("[type=radio]")[Number(digit[1]) - 1];
    if (!choice || !isHere || window.telephonyIsTyping(here) || window.telephonyIsTyping(event.target)) return false;
    choice.checked = true;
    choice.focus();
    return true;
  }

  connect();
  setInterval(draw, 250);
  draw();
})();
