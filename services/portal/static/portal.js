// Makes pages live and forms calmer. Every page works without it.
(() => {
  "use strict";

  const EVENTS = ["worklist", "notice"];
  const RETRY_FIRST_MS = 2000;
  const RETRY_LAST_MS = 60000;
  const SENDING_MS = 10000;
  const MOST_SHOWN = 1000;

  const announce = (words) => {
    document.getElementById("pengumuman").textContent = words;
  };

  const showLive = (on) => {
    for (const mark of document.querySelectorAll("[data-live-state]")) {
      mark.hidden = false;
      mark.dataset.liveState = on ? "on" : "off";
      mark.textContent = on ? "Tersambung langsung" : "Menyambung kembali …";
    }
  };

  // What htmx listens to. It outlives the connections below it: they end when the page is hidden
  // and begin again when it is seen, and then everything that could have changed is asked for.
  class VisibleStream extends EventTarget {
    constructor(url) {
      super();
      this.url = url;
      this.connection = null;
      this.timer = null;
      this.wait = RETRY_FIRST_MS;
      this.opened = false;
      document.addEventListener("visibilitychange", () => this.follow());
      window.addEventListener("pagehide", () => this.close());
      this.follow();
    }

    follow() {
      if (document.visibilityState === "hidden") this.close();
      else if (!this.connection) this.open();
    }

    open() {
      clearTimeout(this.timer);
      const connection = new EventSource(this.url);
      this.connection = connection;
      connection.onopen = () => {
        this.wait = RETRY_FIRST_MS;
        showLive(true);
        if (this.opened) this.refresh();
        this.opened = true;
      };
      connection.onerror = () => {
        showLive(false);
        if (connection.readyState !== EventSource.CLOSED || connection !== this.connection) return;
        this.connection = null;
        // Until the stream is back, what a page shows is asked for at each attempt.
        this.timer = setTimeout(() => {
          this.refresh();
          this.follow();
        }, this.wait);
        this.wait = Math.min(this.wait * 2, RETRY_LAST_MS);
      };
      for (const name of EVENTS) {
        connection.addEventListener(name, () => this.dispatchEvent(new Event(name)));
      }
      // The service cannot say what was missed.
      connection.addEventListener("reset", () => this.refresh());
    }

    refresh() {
      for (const name of EVENTS) this.dispatchEvent(new Event(name));
    }

    close() {
      clearTimeout(this.timer);
      if (this.connection) this.connection.close();
      this.connection = null;
    }
  }

  // Only the pages of somebody signed in bring htmx.
  if (window.htmx) htmx.createEventSource = (url) => new VisibleStream(url);

  const isBeingUsed = (part) =>
    part.contains(document.activeElement) || part.querySelector("details[open]") !== null;

  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.target;
    if (part.matches("[data-keep-typing]") && isBeingUsed(part)) event.preventDefault();
  });

  // What was loaded with "Muat lagi" stays when a list is drawn again.
  document.addEventListener("htmx:configRequest", (event) => {
    const list = event.target;
    if (!list.matches("[data-live]")) return;
    const shown = list.querySelectorAll(".cards > li:not(.more)").length;
    if (shown > 0) event.detail.parameters.tampil = Math.min(shown, MOST_SHOWN);
  });

  // Where more of a list does not come, the page that holds it says why.
  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failed, (event) => {
      if (event.target.matches(".more a")) location.assign(event.target.href);
    });
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.matches("[data-live]")) announce("Halaman diperbarui");
  });

  // What a disaster site still keeps on this phone names people: signing out takes it along.
  const kept = () => Object.keys(localStorage).filter((key) => key.startsWith("sinergi-keluarga:"));
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") !== "/keluar" || !kept().length) return;
    if (confirm("Masih ada keluarga yang belum terkirim. Keluar menghapusnya. Tetap keluar?")) {
      for (const key of kept()) localStorage.removeItem(key);
    } else {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  });

  // A second press while the first is on its way would only confuse; the key makes it harmless.
  const release = (form) => form.removeAttribute("aria-busy");
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // What only fetches, such as a download, may be pressed again at once.
    if (form.method === "get") return;
    if (form.hasAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("aria-busy", "true");
    setTimeout(release, SENDING_MS, form);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[aria-busy]").forEach(release);
  });

  // A form on its way leads to the next page. Loading this one anew would call it back, and
  // nobody would read its answer.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const anew = event.detail.xhr.getResponseHeader("HX-Refresh") === "true";
    if (anew && document.querySelector("form[aria-busy]")) event.preventDefault();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
  });

  document.addEventListener("DOMContentLoaded", () => {
    // The answer to a form that had no effect stands where the form did: going back to it, or
    // loading it anew, must not send the form again.
    const address = document.body.dataset.address;
    if (address) history.replaceState(null, "", address);
    for (const button of document.querySelectorAll("[data-needless]")) button.hidden = true;
    const first = document.querySelector("[data-focus]");
    if (first) first.focus();
  });
})();
