// On site: the phone's position and the way, a signature drawn by finger. Without it: typed coordinates, a photo of the paper.
(() => {
  "use strict";
  const place = () => document.querySelector("[data-places]");
  const say = (name) => {
    const status = document.querySelector("[data-locate-status]");
    if (status) status.textContent = name ? status.dataset[name] : "";
  };
  const options = { enableHighAccuracy: true, timeout: 20000, maximumAge: 5000 };
  const row = (position) => [
    position.coords.latitude, position.coords.longitude, position.coords.accuracy, position.timestamp,
  ];
  function send(kind, points) {
    if (!place()) return Promise.reject(new Error("no place"));
    return window.htmx.ajax("POST", place().dataset.places, {
      target: "#places", swap: "outerHTML", values: { kind, points: JSON.stringify(points) },
    });
  }

  function locate() {
    say("waiting");
    navigator.geolocation.getCurrentPosition((position) => send("point", [row(position)]), () => say("denied"), options);
  }

  // the way: kept every so many seconds or metres, sent in bundles, and when the page is left. What did not arrive (no
  // signal, a fault, a sign-in that expired) goes with the next bundle; it stays in this tab with what was typed (typed.js)
  let watch = null;
  let kept = [];
  let last = null;
  let sentAt = 0;
  let sending = false;
  const person = document.querySelector("meta[name=person]")?.content ?? "";
  const name = () => `typed:${person}:${place()?.dataset.places}#track`;
  function remember(points) {
    try { if (points.length) sessionStorage.setItem(name(), JSON.stringify(points)); else sessionStorage.removeItem(name()); } catch { /* full or refused */ }
  }
  function metres(a, b) {
    const rad = Math.PI / 180;
    const x = (b[1] - a[1]) * rad * Math.cos(((a[0] + b[0]) / 2) * rad);
    const y = (b[0] - a[0]) * rad;
    return Math.sqrt(x * x + y * y) * 6371008.8;
  }
  function flush() {
    const before = place();
    if (!kept.length || sending || !before) return;
    const bundle = kept.slice(0, 400); // the server takes 500 at once
    sentAt = Date.now();
    sending = true;
    const over = () => {
      sending = false;
      if (place() === before) return; // no answer was put in its place: it did not arrive
      kept = kept.slice(bundle.length);
      remember(kept);
    };
    send("track", bundle).then(over, over);
  }
  function moved(position) {
    const now = row(position);
    const { everyS, everyM } = place()?.dataset ?? {};
    if (last && now[3] - last[3] < Number(everyS) * 1000 && metres(last, now) < Number(everyM)) return;
    last = now;
    kept.push(now);
    remember(kept);
    const editing = document.activeElement?.closest("#places input"); // what is being typed is not swapped away
    if (!editing && (kept.length >= 10 || Date.now() - sentAt > 60000)) flush();
  }
  function track() {
    if (watch === null) {
      sentAt = Date.now();
      watch = navigator.geolocation.watchPosition(moved, () => { say("denied"); stop(); }, options);
    } else {
      stop();
      flush();
    }
    show();
  }
  function stop() {
    navigator.geolocation.clearWatch(watch);
    watch = null;
    last = null;
    show();
  }
  function show() {
    const buttons = place();
    if (buttons && "geolocation" in navigator) buttons.hidden = false;
    const toggle = document.querySelector("[data-track]");
    if (!toggle) return;
    toggle.setAttribute("aria-pressed", String(watch !== null));
    toggle.querySelector("[data-on]").hidden = watch === null;
    toggle.querySelector("[data-off]").hidden = watch !== null;
  }
  document.addEventListener("visibilitychange", () => { if (document.hidden && watch !== null) flush(); });

  // the signature
  function prepare(form) {
    if (form.dataset.ready) return;
    form.dataset.ready = "1";
    form.hidden = false;
    const pad = form.querySelector("canvas");
    const box = pad.getBoundingClientRect();
    pad.width = Math.max(300, Math.round(box.width * 2));
    pad.height = Math.max(150, Math.round(box.height * 2));
    const pen = pad.getContext("2d");
    pen.lineWidth = 5;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#0b1f33";
    const at = (event) => {
      const shown = pad.getBoundingClientRect();
      return [((event.clientX - shown.left) / shown.width) * pad.width, ((event.clientY - shown.top) / shown.height) * pad.height];
    };
    let drawing = false;
    pad.addEventListener("pointerdown", (event) => {
      drawing = true;
      pad.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(...at(event));
    });
    pad.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      pen.lineTo(...at(event));
      pen.stroke();
    });
    for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => { drawing = false; });
    form.querySelector("[data-sign-clear]").addEventListener("click", () => pen.clearRect(0, 0, pad.width, pad.height));
  }
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign]")) event.target.elements.drawn.value = event.target.querySelector("canvas").toDataURL("image/png");
  }, true);

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-locate]")) locate();
    else if (event.target.closest("[data-track]")) track();
  });
  function begin() {
    if (place() && !kept.length && watch === null && !sending) {
      try { kept = JSON.parse(sessionStorage.getItem(name())) ?? []; } catch { kept = []; }
      flush();
    }
    show();
    document.querySelectorAll("[data-sign]").forEach(prepare);
  }
  document.addEventListener("htmx:afterSettle", begin);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
