// The live floor: one event stream, closed while the page is hidden. The server sends texts and figures ready to show;
// this script puts them in place and draws the timers by the server's clock.
"use strict";
(() => {
  const body = document.body;
  const GREY_AFTER_S = 10;
  let offset = Number(body.dataset.at) - Date.now();
  let heardAt = Date.now();
  let source = null;
  let hasEnded = false;

  const part = (root, name) => root.querySelector(`[data-part="${name}"]`);
  const write = (node, text) => {
    if (node && node.textContent !== String(text)) node.textContent = text;
  };

  function heard(at) {
    heardAt = Date.now();
    if (at) offset = at - heardAt;
  }

  function drawAll(floor) {
    const shown = (name) => [...document.querySelectorAll(`[data-${name}]`)].map((node) => node.dataset[name]);
    const isSame = (now, next) => now.length === next.length && now.every((name, index) => name === String(next[index]));
    // Seats or campaigns came or went: the server renders the whole page again.
    if (!isSame(shown("seat"), floor.seats.map((seat) => seat.seat)) || !isSame(shown("campaign"), floor.campaigns.map((campaign) => campaign.id))) {
      location.reload();
      return;
    }
    draw(floor);
  }

  function draw(floor) {
    const banner = document.querySelector("[data-locks-shown]");
    // A lock came, went or changed: the server renders the banner and its forms again.
    if (floor.locks && floor.locks.map((lock) => `${lock.text} ${lock.effect}|`).join("") !== banner.dataset.locksShown) {
      location.reload();
      return;
    }
    (floor.locks || []).forEach((lock, index) => {
      const form = part(banner.children[index], "end_calls");
      if (!form) return;
      form.hidden = !lock.end_calls;
      write(form.querySelector("button"), lock.end_calls);
    });
    heard(floor.at);
    write(document.querySelector("[data-clock]"), floor.clock);
    (floor.seats || []).forEach(drawSeat);
    (floor.campaigns || []).forEach(drawCampaign);
    (floor.summary || []).forEach((count) => write(part(document.querySelector(`[data-summary] [data-state="${count.state}"]`), "text"), count.text));
    (floor.links || []).forEach(drawLink);
    if (floor.incidents) drawIncidents(floor.incidents);
    tick();
  }

  function drawSeat(seat) {
    const tile = document.querySelector(`[data-seat="${seat.seat}"]`);
    if (!tile) return;
    tile.dataset.state = seat.state;
    tile.dataset.since = seat.since;
    tile.dataset.timed = seat.timed ? "yes" : "";
    ["operator", "shape", "word", "campaign", "skips"].forEach((name) => write(part(tile, name), seat[name]));
  }

  function drawCampaign(campaign) {
    const card = document.querySelector(`[data-campaign="${campaign.id}"]`);
    if (!card) return;
    card.dataset.state = campaign.state;
    ["name", "word", "leads", "lines", "talking", "per_minute", "waiting", "mode", "pace", "order", "abandoned", "share", "of"].forEach((name) =>
      write(part(card, name), campaign[name]));
    const held = part(card, "held");
    held.hidden = !campaign.held.length;
    if ([...held.children].map((item) => item.textContent).join("|") !== campaign.held.join("|"))
      held.replaceChildren(...campaign.held.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    const progress = part(card, "progress");
    progress.value = campaign.done;
    progress.max = campaign.total;
    card.querySelector(".abandons").dataset.over = campaign.is_over ? "yes" : "";
    const rows = part(card, "outcomes").rows;
    campaign.outcomes.forEach(([, count], index) => write(rows[index].cells[1], count));
    ["start", "pause", "stop"].forEach((act) => {
      const control = part(card, act);
      if (control) control.hidden = !campaign[`may_${act}`];
    });
  }

  function drawLink(state) {
    const link = document.querySelector(`[data-link="${CSS.escape(state.node)}"]`);
    if (!link) return;
    link.className = `link ${state.up ? "up" : "down"}`;
    write(part(link, "dot"), state.up ? "●" : "▲");
    write(part(link, "text"), state.text);
  }

  function drawIncidents(texts) {
    const list = document.querySelector("[data-incidents]");
    list.replaceChildren(...texts.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    write(document.querySelector("[data-incident-count]"), texts.length);
    document.querySelector("[data-incidents-card]").hidden = !texts.length;
  }

  function tick() {
    const now = Date.now() + offset;
    document.querySelectorAll("[data-seat]").forEach((tile) => {
      const seconds = Math.max(0, Math.floor((now - Number(tile.dataset.since)) / 1000));
      const hours = Math.floor(seconds / 3600);
      const two = (value) => String(value).padStart(2, "0");
      const minutes = Math.floor(seconds / 60) % 60;
      const text = hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
      write(part(tile, "timer"), tile.dataset.timed ? text : "");
    });
    const age = Math.floor((Date.now() - heardAt) / 1000);
    const isStale = hasEnded || age >= GREY_AFTER_S;
    body.classList.toggle("stale", isStale);
    const sentence = hasEnded ? body.dataset.ended : (isStale ? body.dataset.lost : body.dataset.age).replace("{n}", age);
    write(document.querySelector("[data-age-shown]"), sentence);
  }

  function connect() {
    if (source || hasEnded) return;
    source = new EventSource("/floor/events");
    const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
    on("floor", drawAll);
    on("change", draw);
    on("beat", (beat) => heard(beat.at));
    on("ended", () => {
      hasEnded = true;
      disconnect();
    });
    // The browser reconnects by itself, except after a refusal or an error page.
    source.onerror = () => {
      if (source && source.readyState === EventSource.CLOSED) {
        disconnect();
        setTimeout(() => document.hidden || connect(), 2000);
      }
    };
  }

  function disconnect() {
    if (source) source.close();
    source = null;
  }

  // Six open streams would block every other request of this browser: a hidden page keeps none open.
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", () => document.hidden || connect());

  document.addEventListener("keydown", (event) => {
    const lock = document.querySelector("[data-lock]");
    if (event.key !== "F8" || !event.shiftKey || event.repeat || !lock) return;
    event.preventDefault();
    lock.requestSubmit();
  });

  document.addEventListener("keydown", (event) => {
    const tile = document.activeElement && document.activeElement.closest("[data-seat]");
    if (!tile) return;
    const tiles = [...document.querySelectorAll("[data-seat]")];
    const columns = tiles.filter((other) => other.offsetTop === tiles[0].offsetTop).length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    const next = step && tiles[tiles.indexOf(tile) + step];
    if (!next) return;
    event.preventDefault();
    tile.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  if (!document.hidden) connect();
  setInterval(tick, 500);
  tick();
})();
