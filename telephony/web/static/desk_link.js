// The desk's link: one WebSocket per browser. As a shared worker it serves every tab of the browser, whose timers it
// does not share: a hidden tab slows its own down. Where there are no shared workers the page runs it for itself.
// Frames come each second; acts never go this way.
"use strict";
(() => {
  const GIVEN_UP_MS = 3000;
  const WAITS_MS = [100, 300, 1000, 2000];

  class Link {
    constructor(tell) {
      this.tell = tell;
      this.tries = 0;
      this.last = null;
      this.hasEnded = false;
      this.connect();
      setInterval(() => this.look(), 500);
    }

    connect() {
      this.heardAt = Date.now();
      this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/desk/socket`);
      this.socket.onmessage = ({ data }) => this.hear(JSON.parse(data));
      this.socket.onclose = () => this.again();
    }

    hear(frame) {
      this.heardAt = Date.now();
      this.tries = 0;
      this.hasEnded = Boolean(frame.ended);
      this.last = { frame, heardAt: this.heardAt };
      this.tell(this.last);
    }

    again() {
      if (this.hasEnded || this.waits) return;
      this.waits = setTimeout(() => {
        this.waits = null;
        this.connect();
      }, WAITS_MS[Math.min(this.tries, WAITS_MS.length - 1)]);
      this.tries += 1;
    }

    // A line that is cut is told by nobody: silence is.
    look() {
      if (this.hasEnded || this.waits || Date.now() - this.heardAt < GIVEN_UP_MS) return;
      this.socket.onclose = null;
      this.socket.close();
      this.again();
    }
  }

  if (typeof SharedWorkerGlobalScope === "undefined") {
    window.telephonyLink = (tell) => new Link(tell);
    return;
  }
  const ports = new Set();
  const link = new Link((told) => ports.forEach((port) => port.postMessage(told)));
  self.onconnect = ({ ports: [port] }) => {
    ports.add(port);
    port.onmessage = () => ports.delete(port);
    if (link.last) port.postMessage(link.last);
  };
})();
