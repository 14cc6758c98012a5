// What all pages do with scripts on: keys, confirming, file names, errors of partial updates. Pages work without it.
(() => {
  "use strict";
  const editing = (target) => target.closest("input, textarea, select, [contenteditable]");
  const dialog = (id) => document.getElementById(id);

  // keys: / search in the list, s everywhere, ? help, g + letter goes, j and k walk the rows of a list, Enter opens
  let went = 0;
  const rows = () => [...document.querySelectorAll("#list tbody tr")];
  function walk(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("at"));
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
    all.forEach((row) => row.classList.toggle("at", row === next));
    next.scrollIntoView({ block: "nearest" });
    next.querySelector("a[href]")?.focus({ preventScroll: true });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") { // a menu closes and gives the focus back to what opened it
      for (const open of document.querySelectorAll("details.drop[open], .case-steps details[open]")) {
        if (open.contains(document.activeElement)) open.querySelector("summary").focus();
        open.open = false;
      }
    }
    if (editing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const folded = document.querySelector(".filters-switch:not(:checked)");
      if (folded && !document.getElementById("filters-body").checkVisibility()) folded.click();
      const search = document.querySelector("main [data-search], main input[type=search]") ?? dialog("top-q");
      if (search) { event.preventDefault(); search.focus(); search.select?.(); }
    } else if (event.key === "?") {
      dialog("help")?.showModal();
    } else if (event.key === "g") {
      went = Date.now();
    } else if (Date.now() - went < 1200) {
      went = 0;
      const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (link) window.location.assign(link.href);
    } else if (event.key === "s") {
      const search = dialog("top-q");
      if (search?.checkVisibility()) { event.preventDefault(); search.focus(); }
    } else if (event.key === "j" || event.key === "k") {
      walk(event.key === "j" ? 1 : -1);
    } else if (event.key === "x") {
      document.querySelector("#list tr.at .pick input")?.click();
    }
  });
  // what is unfolded by key or finger is filled in next
  document.addEventListener("toggle", (event) => {
    const form = event.target.open && document.activeElement === event.target.querySelector(":scope > summary") && event.target.querySelector(":scope > form");
    if (form) form.querySelector("textarea, select, input:not([type=hidden])")?.focus();
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) dialog("help")?.showModal();
    if (event.target.closest("[data-print]")) printed();
    for (const open of document.querySelectorAll("details.drop[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
    const all = event.target.closest("[data-check-all]");
    if (all) document.querySelectorAll(all.dataset.checkAll).forEach((box) => { box.checked = all.checked; });
  });

  // what a bulk action would do, to how many: {what} and {n} of the question
  function spoken(button, form) {
    const { confirm, counts, what, total } = button.dataset;
    if (!counts) return confirm;
    const chosen = form.elements.all?.checked ? total : form.querySelectorAll(`${counts}:checked`).length;
    return confirm.replace("{n}", chosen).replace("{what}", form.querySelector(what)?.selectedOptions[0]?.text ?? "");
  }
  // parts that come when they are scrolled to are brought first; after 15 s what came is printed, the rest says it did not
  function printed() {
    const awaited = () => [...document.querySelectorAll(".section-part[hx-get]:not(:has(.section-body))")];
    awaited().forEach((part) => window.htmx?.trigger(part, "near"));
    const until = Date.now() + 15000;
    const look = () => (awaited().length && Date.now() < until ? window.setTimeout(look, 100) : window.print());
    look();
  }
  // parts are asked for half a screen before they are scrolled to: what comes moves nothing that is looked at
  const near = new IntersectionObserver((seen) => seen.filter((one) => one.isIntersecting).forEach(({ target }) => {
    near.unobserve(target);
    window.htmx.trigger(target, "near");
  }), { rootMargin: "0px 0px 50% 0px" });
  window.htmx?.onLoad((part) => part.querySelectorAll("[hx-trigger^=near]").forEach((one) => near.observe(one)));

  // what is folded is printed in full
  window.addEventListener("beforeprint", () => document.querySelectorAll("details.fold:not([open])").forEach((one) => { one.open = true; one.dataset.printed = ""; }));
  window.addEventListener("afterprint", () => document.querySelectorAll("details[data-printed]").forEach((one) => { one.open = false; delete one.dataset.printed; }));

  // a button with data-confirm asks in a dialog; without scripts the server asks on a page of its own
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    const form = event.target;
    if (!button?.dataset.confirm || form.elements.confirmed) return;
    event.preventDefault();
    event.stopPropagation(); // htmx, too, waits for the answer
    const ask = dialog("confirm");
    ask.querySelector("[data-confirm-text]").textContent = spoken(button, form);
    ask.returnValue = "no";
    ask.addEventListener("close", () => {
      if (ask.returnValue !== "yes") { button.focus(); return; }
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: "1" });
      form.append(field);
      form.requestSubmit(button);
    }, { once: true });
    ask.showModal();
  }, true);

  // one press, one sending: until the answer is there the form takes no second one, and its button shows that it works
  function busy(form, on, button) {
    form.toggleAttribute("data-busy", on);
    if (on) button?.classList.add("busy"); else form.querySelectorAll(".busy").forEach((one) => one.classList.remove("busy"));
  }
  const sends = (form) => form?.matches?.("form[method=post]");
  document.addEventListener("submit", (event) => {
    if (!sends(event.target) || !event.target.hasAttribute("data-busy")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !sends(event.target)) return; // htmx sends it: below
    busy(event.target, true, event.submitter);
    window.setTimeout(busy, event.target.hasAttribute("data-file") ? 3000 : 60000, event.target, false); // no new page comes
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt;
    if (sends(form) && event.detail.requestConfig.triggeringEvent?.type === "submit") busy(form, true, event.detail.requestConfig.triggeringEvent.submitter);
  });
  document.addEventListener("htmx:afterRequest", (event) => { if (sends(event.detail.elt)) busy(event.detail.elt, false); });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach((form) => busy(form, false)));

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.matches?.(".file-picker input[type=file]")) {
      const shown = input.parentElement.querySelector(".file-picked");
      shown.textContent = [...input.files].map((file) => file.name).join("、") || shown.dataset.none;
    }
    if (input.matches?.(".filters-switch")) { // opens and closes; the address keeps it, nothing is asked for
      event.stopPropagation();
      const address = new URL(window.location.href);
      if (input.checked) address.searchParams.set("filters", "open"); else address.searchParams.delete("filters");
      window.history.replaceState(window.history.state, "", address);
      return;
    }
    if (input.matches?.("select[data-go]") && input.value) window.location.assign(input.value);
  }, true);

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]")?.content ?? "";
    // an empty filter says nothing: the address stays short
    if (event.detail.verb === "get" && event.target.matches?.(".filters")) {
      for (const [name, value] of Object.entries(event.detail.parameters)) if (value === "") delete event.detail.parameters[name];
    }
  });
  // what is exported or kept is the list that is shown, also after its filters changed without a new page
  document.addEventListener("htmx:pushedIntoHistory", () => {
    const query = window.location.search.slice(1);
    document.querySelectorAll("input[type=hidden][name=query]").forEach((input) => { input.value = query; });
  });
  // what a refusal says is said here, where it is seen however far the page is scrolled; the page stays, and what is typed
  function failed(event) {
    const xhr = event.detail.xhr;
    if (xhr?.status === 401) { window.location.reload(); return; }
    const place = dialog("messages");
    const template = dialog("failed");
    if (!place || !template) return;
    const shown = template.content.cloneNode(true);
    const answer = new DOMParser().parseFromString(xhr?.responseText ?? "", "text/html");
    const title = answer.querySelector("main h1, [data-test=message]")?.textContent.trim();
    if (title) {
      shown.querySelector("[data-title]").textContent = title;
      shown.querySelector("[data-detail]").textContent = answer.querySelector("main h1 + p")?.textContent.trim() ?? "";
    } else if (xhr?.status) shown.querySelector("[data-detail]").textContent = `(${xhr.status})`;
    place.replaceChildren(shown);
  }
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest("[role=alert]").remove());
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) document.querySelector("#messages [data-test=failed]")?.remove();
  });
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:timeout", failed);
})();
