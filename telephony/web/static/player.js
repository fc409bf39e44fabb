// The player: two tracks that can be muted, a slider, and shortcuts. Audio is requested only on play, and every play
// from the start requests it again, so that the server can enter each one.
"use strict";
(() => {
  const two = (value) => String(value).padStart(2, "0");
  const clock = (seconds) => {
    const whole = Math.floor(seconds);
    const hours = Math.floor(whole / 3600);
    return `${hours ? `${hours}:` : ""}${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  };

  class Player {
    constructor(root) {
      this.root = root;
      this.length = Number(root.dataset.length);
      this.slider = root.querySelector("[data-slider]");
      this.audio = new Audio();
      this.audio.preload = "none";
      this.plays = 0;
      this.graph = null;
      this.gains = [];
      this.isMuted = [false, false];
      this.position = 0;
      this.listen();
      this.draw();
    }

    listen() {
      const { root, audio } = this;
      root.querySelector("[data-toggle]").addEventListener("click", () => this.toggle());
      this.slider.addEventListener("input", () => this.seek(Number(this.slider.value)));
      root.querySelectorAll("[data-mute]").forEach((button) => button.addEventListener("click", () => this.mute(Number(button.dataset.mute))));
      root.querySelectorAll("[data-seek]").forEach((button) => button.addEventListener("click", () => this.seek(Number(button.dataset.seek))));
      root.querySelector("[data-speed]").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });
      root.querySelectorAll(".wave").forEach((wave) => wave.addEventListener("click", (event) => {
        const box = wave.getBoundingClientRect();
        this.seek(((event.clientX - box.left) / box.width) * this.length);
      }));
      ["timeupdate", "play", "pause", "ended", "seeked"].forEach((name) => audio.addEventListener(name, () => this.draw()));
      audio.addEventListener("ended", () => this.rewind());
      audio.addEventListener("error", () => this.fail());
      audio.addEventListener("playing", () => document.body.dispatchEvent(new CustomEvent("listened")), { once: false });
    }

    // One Web Audio graph: split the two channels, give each its own volume, play both to both ears.
    route() {
      if (this.graph) return;
      this.graph = new AudioContext();
      const split = this.graph.createChannelSplitter(2);
      this.graph.createMediaElementSource(this.audio).connect(split);
      this.gains = [0, 1].map((lane) => {
        const gain = this.graph.createGain();
        const place = this.graph.createStereoPanner();
        place.pan.value = lane ? 0.25 : -0.25;
        gain.gain.value = this.isMuted[lane] ? 0 : 1;
        split.connect(gain, lane);
        gain.connect(place).connect(this.graph.destination);
        return gain;
      });
    }

    rewind() {
      this.position = 0;
      this.isFresh = false;
    }

    load() {
      // Playback ends before its event: a key in between would replay what has not been entered.
      if (this.isFresh && this.audio.ended) this.rewind();
      if (this.isFresh) return;
      this.isFresh = true;
      this.plays += 1;
      const speed = this.audio.playbackRate;
      this.audio.src = `${this.root.dataset.audio}?play=${Date.now().toString(36)}-${this.plays}`;
      this.audio.playbackRate = speed;
      if (this.position) {
        const at = this.position;
        this.audio.addEventListener("loadedmetadata", () => { this.audio.currentTime = at; }, { once: true });
      }
    }

    async toggle() {
      if (!this.audio.paused) {
        this.audio.pause();
        return;
      }
      this.root.querySelector("[data-problem]").hidden = true;
      this.load();
      this.route();
      try {
        await this.graph.resume();
        await this.audio.play();
      } catch (error) {
        if (error.name !== "AbortError") this.fail();
      }
    }

    fail() {
      this.isFresh = false;
      const problem = this.root.querySelector("[data-problem]");
      problem.textContent = this.root.dataset.failed;
      problem.hidden = false;
      this.draw();
    }

    seek(seconds) {
      this.position = Math.min(Math.max(0, seconds), this.length);
      if (this.isFresh && this.audio.readyState) this.audio.currentTime = this.position;
      this.draw();
    }

    mute(lane) {
      this.isMuted[lane] = !this.isMuted[lane];
      if (this.gains[lane]) this.gains[lane].gain.value = this.isMuted[lane] ? 0 : 1;
      this.root.querySelector(`[data-mute="${lane}"]`).setAttribute("aria-pressed", String(this.isMuted[lane]));
      this.root.querySelector(`[data-lane="${lane}"]`).classList.toggle("muted", this.isMuted[lane]);
    }

    get at() {
      return this.isFresh && this.audio.readyState && !this.audio.seeking ? this.audio.currentTime : this.position;
    }

    draw() {
      const { root, audio, at } = this;
      if (!audio.paused && !audio.seeking) this.position = at;
      const x = this.length ? (600 * at) / this.length : 0;
      root.querySelectorAll("[data-heard]").forEach((bar) => bar.setAttribute("width", x));
      root.querySelectorAll("[data-head]").forEach((line) => { line.setAttribute("x1", x); line.setAttribute("x2", x); });
      this.slider.value = at;
      this.slider.setAttribute("aria-valuetext", root.dataset.said.replace("{at}", clock(at)).replace("{length}", clock(this.length)));
      root.querySelector("[data-time]").textContent = `${clock(at)} / ${clock(this.length)}`;
      root.querySelector("[data-toggle-word]").textContent = audio.paused ? root.dataset.play : root.dataset.pause;
      root.querySelector("[data-toggle-shape]").textContent = audio.paused ? "▶" : "‖";
    }
  }

  let player = null;
  const find = () => {
    const root = document.querySelector("[data-player]");
    if (root && (!player || player.root !== root)) {
      player = new Player(root);
      root.querySelector("[data-toggle]").focus();
    }
  };

  document.addEventListener("keydown", (event) => {
    if (!player || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const here = document.activeElement;
    if (event.isComposing || window.telephonyIsTyping(here) || (here && here.matches("[type=radio], [type=checkbox]"))) return;
    const step = { ArrowLeft: -5, ArrowRight: 5, PageUp: 30, PageDown: -30 }[event.key];
    if (event.key === " " && !(here && here.matches("a, button:not([data-toggle])"))) {
      event.preventDefault();
      player.toggle();
    } else if (step) {
      event.preventDefault();
      player.seek(player.at + (event.shiftKey ? Math.sign(step) : step));
    } else if (event.code === "Digit1" || event.code === "Numpad1") {
      player.mute(0);
    } else if (event.code === "Digit2" || event.code === "Numpad2") {
      player.mute(1);
    }
  });
  // Space on the play button would both click it on release and toggle here.
  document.addEventListener("keyup", (event) => {
    if (event.key === " " && document.activeElement && document.activeElement.matches("[data-toggle]")) event.preventDefault();
  });

  document.addEventListener("htmx:afterSwap", find);
  find();
  // For tests, and for debugging a silent player in the browser's console.
  window.telephonyPlayer = () => player;
})();
