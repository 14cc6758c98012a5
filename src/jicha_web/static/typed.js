// What was typed into a form is not lost. It is kept in this tab (sessionStorage) until the form was taken, and stands in
// it again after a sign-in that expired, a refusal, a conflict, a fault, a lost connection or a page left by mistake.
// Never kept: passwords, files, and fields marked data-private (who reported something). Signing out empties it.
(() => {
  "use strict";
  const KEPT = "typed:";
  const SENT = "typed-sent";
  const HOURS = 24;
  const store = window.sessionStorage;
  const person = document.querySelector("meta[name=person]")?.content ?? "";
  const key = `${KEPT}${person}:${window.location.pathname}`;
  const keys = () => Object.keys(store).filter((one) => one.startsWith(KEPT));
  const read = (name) => { try { return JSON.parse(store.getItem(name)) ?? {}; } catch { return {}; } };
  function write(name, forms) {
    try { if (Object.keys(forms).length) store.setItem(name, JSON.stringify(forms)); else store.removeItem(name); } catch { /* full or refused */ }
  }

  const posts = (form) => form?.method === "post" && !form.querySelector("[type=password]");
  const controls = (form) => [...form.elements].filter((one) => one.name && !one.matches("[type=hidden], [type=file], [type=submit], button, fieldset, output, [data-private]"));
  const isText = (one) => one.matches("textarea, input:not([type=checkbox], [type=radio])");
  // what a form is, whatever the version of its object and its token: where it goes, what it says unseen, its fields
  const sign = (form) => [
    form.getAttribute("action") ?? "",
    ...[...form.elements].filter((one) => one.name && !["csrfmiddlewaretoken", "version", "query", "confirmed", "drawn"].includes(one.name))
      .map((one) => (one.type === "hidden" ? `${one.name}=${one.value}` : one.name)),
  ].filter((one, at, all) => all.indexOf(one) === at).join("|");
  const ticks = (one) => one.matches("[type=checkbox], [type=radio]");
  // what the page said when it came; a choice without one stands at its first
  const came = (one) => (ticks(one) ? one.defaultChecked : one.tagName === "SELECT" ? (([...one.options].find((option) => option.defaultSelected) ?? one.options[0])?.value ?? "") : one.defaultValue);
  const stands = (one) => (ticks(one) ? one.checked : one.value);

  function keep(form) {
    const forms = read(key);
    const all = controls(form);
    if (all.some((one) => isText(one) && one.value.trim() && one.value !== came(one))) {
      // only what was changed: the rest may be newer when the page comes again
      forms[sign(form)] = { at: Date.now(), values: all.filter((one) => stands(one) !== came(one)).map((one) => [one.name, ticks(one) ? one.value : null, stands(one)]) };
    } else delete forms[sign(form)];
    write(key, forms);
  }
  function drop(name, signature) {
    const forms = read(name);
    delete forms[signature];
    write(name, forms);
  }

  function restore(form) {
    const kept = read(key)[sign(form)];
    if (!kept || Date.now() - kept.at > HOURS * 3600e3) return;
    let any = false;
    const free = controls(form);
    for (const [name, value, state] of kept.values) {
      const at = free.findIndex((one) => one.name === name && (value === null ? !ticks(one) : one.value === value));
      if (at < 0) continue;
      const [one] = free.splice(at, 1);
      if (stands(one) !== came(one) || stands(one) === state) continue; // the browser put it back, or the page says so
      if (ticks(one)) one.checked = state; else one.value = state;
      any ||= isText(one);
    }
    if (!any) return;
    for (let outer = form.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
    form.querySelectorAll("details").forEach((inner) => { if (controls(form).some((one) => inner.contains(one) && isText(one) && one.value !== came(one))) inner.open = true; });
    const note = document.getElementById("typed-again")?.content.cloneNode(true);
    if (!note) return;
    const signature = sign(form);
    note.querySelector("[data-forget]").addEventListener("click", (event) => {
      form.reset();
      drop(key, signature);
      event.target.closest(".typed-again").remove();
      controls(form)[0]?.focus();
    });
    form.prepend(note);
  }

  let timer = 0;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!person || !posts(form)) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(keep, 300, form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("action")?.endsWith("/logout/")) { [SENT, ...keys()].forEach((one) => store.removeItem(one)); return; }
    if (!person || !posts(form)) return;
    window.clearTimeout(timer);
    keep(form);
    if (form.hasAttribute("data-file")) drop(key, sign(form)); // no page comes that could tell
    else if (!event.defaultPrevented) write(SENT, { key, signature: sign(form), to: new URL(form.getAttribute("action") || "", window.location.href).pathname }); // else htmx sends it, and says how it went
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt;
    if (person && form.matches?.("form") && posts(form)) { window.clearTimeout(timer); keep(form); event.detail.requestConfig.typed = sign(form); }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { typed } = event.detail.requestConfig ?? {};
    if (typed !== undefined && event.detail.successful && !event.detail.xhr.getResponseHeader("HX-Redirect")) drop(key, typed);
  });

  const sent = read(SENT);
  store.removeItem(SENT);
  const arrival = performance.getEntriesByType("navigation")[0];
  const refused = document.body.classList.contains("plain") || arrival?.responseStatus >= 400 || document.querySelector("#messages .alert-danger, .field-wrong");
  // taken: the answer led on to another page, or is this page; going back or asking again is no answer
  const answered = arrival?.type === "navigate" && (arrival.redirectCount > 0 || window.location.pathname === sent.to);
  if (sent.key && answered && !refused) drop(sent.key, sent.signature);
  if (person) {
    keys().filter((one) => !one.startsWith(`${KEPT}${person}:`)).forEach((one) => store.removeItem(one)); // another's
    document.querySelectorAll("form").forEach((form) => { if (posts(form)) restore(form); });
  }
  if (keys().length && (sent.key || !person)) document.querySelectorAll("[data-kept]").forEach((one) => { one.hidden = false; });
})();
