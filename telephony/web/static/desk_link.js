// The desk's connection: one WebSocket per browser. A shared worker serves every tab of the browser and does not depend
// on their timers, which slow down in a hidden tab. Without shared workers the page runs it itself.
// Frames come each second; actions never use this connection.
"use strict";
(() => {
  const GIVEN_UP_MS = 3000;
  const WAITS_MS = [100, 300, 1000, 2000];

  class Link {
    constructor(notify) {
      this.notify = notify;
      this.tries = 0;
      this.last = null;
      this.hasEnded = false;
      this.connect();
      setInterval(() => this.check(), 500);
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
      this.notify(this.last);
    }

    again() {
      if (this.hasEnded || this.waits) return;
      this.waits = setTimeout(() => {
        this.waits = null;
        this.connect();
      }, WAITS_MS[Math.min(this.tries, WAITS_MS.length - 1)]);
      this.tries += 1;
    }

    // Nothing reports a cut connection: only silence shows it.
    check() {
      if (this.hasEnded || this.waits || Date.now() - this.heardAt < GIVEN_UP_MS) return;
      this.socket.onclose = null;
      this.socket.close();
      this.again();
    }
  }

  if (typeof SharedWorkerGlobalScope === "undefined") {
    window.telephonyLink = (notify) => new Link(notify);
    return;
  }
  const ports = new Set();
  const link = new Link((news) => ports.forEach((port) => port.postMessage(news)));
  self.onconnect = ({ ports: [port] }) => {
    ports.add(port);
    port.onmessage = () => ports.delete(port);
    if (link.last) port.postMessage(link.last);
  };
})();
