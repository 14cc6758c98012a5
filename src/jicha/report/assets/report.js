"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { rules, units, words, labels } = data;
  const PAGE = 50;
  const FIELDS = ["rule", "org", "customer", "name", "subject", "period", "severity", "state", "yuan", "kwh", "reason",
    "evidence", "missing", "first", "last", "judged", "key"];
  const findings = data.rows.map((row, index) => {
    const finding = Object.fromEntries(FIELDS.map((field, place) => [field, row[place]]));
    finding.index = index;
    finding.amount = finding.yuan === null ? null : Number(finding.yuan);
    finding.text = [finding.reason, finding.customer, finding.name, finding.subject, finding.rule, finding.missing,
      rules[finding.rule]?.name, units[finding.org]?.[0]].join(" ").toLowerCase();
    return finding;
  });
  const byId = (id) => document.getElementById(id);
  const form = byId("filters");
  const detail = byId("detail");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const money = (value) => Number(value).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const exact = (text) => {
    const [whole, cents] = String(text).split(".");
    return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (cents ? "." + cents : "");
  };
  const unitName = (id) => (id === null ? words.no_unit : units[id]?.[0] ?? id);
  const rank = Object.fromEntries(Object.keys(labels.severity).map((code, place) => [code, place]));

  // Text goes in as text nodes only: nothing from the data is ever parsed as HTML.
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "onclick") node.addEventListener("click", value);
      else if (value !== null) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  const tag = (severity) => make("span", { class: "tag " + severity }, labels.severity[severity] ?? severity);

  // ---- what is shown stands in the address, so that it can be sent and found again
  const EMPTY = { severity: "", specialty: "", rule: "", unit: "", state: "suspected", sort: "severity", q: "", customer: "", page: "1" };
  let state = { ...EMPTY };
  let shown = findings;
  let opener = null;

  const address = (change = {}) => {
    const next = { ...state, ...change };
    const parts = Object.entries(next).filter(([name, value]) => value !== EMPTY[name]);
    return parts.length ? "#" + new URLSearchParams(parts) : "#state=suspected";
  };
  const inAddress = () => {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) return null;
    const found = { ...EMPTY };
    for (const [name, value] of new URLSearchParams(hash)) if (name in EMPTY) found[name] = value;
    return found;
  };

  const matches = (finding) =>
    (!state.severity || finding.severity === state.severity) &&
    (!state.specialty || rules[finding.rule]?.specialty === state.specialty) &&
    (!state.rule || finding.rule === state.rule) &&
    (!state.unit || (units[finding.org]?.[2] ?? [finding.org]).includes(state.unit)) &&
    (!state.customer || finding.customer === state.customer) &&
    (state.state === "all" || (state.state === "suspected" ? data.suspected.includes(finding.state) : finding.state === state.state)) &&
    (!state.q || state.q.toLowerCase().split(/\s+/).every((word) => finding.text.includes(word)));

  const by = (...keys) => (a, b) => {
    for (const key of keys) {
      const [x, y] = [key(a), key(b)];
      if (x === y) continue;
      if (x === null || x === undefined) return 1;
      if (y === null || y === undefined) return -1;
      return x < y ? -1 : 1;
    }
    return a.index - b.index;
  };
  const yuanDown = (finding) => (finding.amount === null ? null : -finding.amount);
  const orders = {
    severity: by((f) => rank[f.severity], yuanDown),
    yuan: by(yuanDown),
    oldest: by((f) => f.first),
    unit: by((f) => units[f.org]?.[2].join("/"), (f) => rank[f.severity], yuanDown),
    customer: by((f) => f.customer, (f) => rank[f.severity]),
  };

  const line = (finding) => {
    const rule = rules[finding.rule];
    const open = make("button", { type: "button", "data-index": finding.index }, finding.reason || rule?.name || finding.rule);
    return make("tr", { "data-index": finding.index },
      make("td", {}, tag(finding.severity)),
      make("td", { class: "reason" }, open, make("span", { class: "sub" }, make("code", {}, finding.rule), " " + (rule?.name ?? ""))),
      make("td", {}, finding.name ?? finding.subject ?? finding.customer ?? "", finding.name ? make("span", { class: "sub" }, finding.customer) : null),
      make("td", {}, unitName(finding.org)),
      make("td", { class: "n" + (finding.yuan ? " money" : "") }, finding.yuan === null ? "—" : exact(finding.yuan)),
      make("td", {}, labels.finding_state[finding.state] ?? finding.state,
        finding.first ? make("span", { class: "sub" }, fill(words.since, { date: finding.first })) : null));
  };

  const render = () => {
    shown = findings.filter(matches).sort(orders[state.sort] ?? orders.severity);
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    const page = Math.min(Math.max(1, Number(state.page) || 1), pages);
    byId("rows").replaceChildren(...shown.slice((page - 1) * PAGE, page * PAGE).map(line));
    const cents = shown.reduce((sum, f) => sum + (f.amount === null ? 0 : Math.round(f.amount * 100)), 0);
    byId("count").textContent = fill(words.list_count, {
      shown: shown.length.toLocaleString("en-US"),
      customers: new Set(shown.map((f) => f.customer).filter(Boolean)).size.toLocaleString("en-US"),
    }) + (shown.some((f) => f.amount !== null) ? fill(words.list_yuan, { yuan: money(cents / 100) }) : "");
    byId("empty").hidden = shown.length > 0;
    byId("empty").textContent = findings.length ? words.list_empty : words.list_empty_run;
    document.querySelector(".findings").hidden = shown.length === 0;
    byId("pager").hidden = pages < 2;
    byId("page").textContent = fill(words.page_of, { page, pages });
    byId("previous").disabled = page <= 1;
    byId("next").disabled = page >= pages;
    for (const field of form.elements) if (field.name && document.activeElement !== field) field.value = state[field.name];
    const chip = byId("chip");
    chip.hidden = !state.customer;
    chip.replaceChildren(make("button", { type: "button", onclick: () => go({ customer: "" }) }, words.customer + " " + state.customer + " ×"));
  };
  const go = (change) => {
    state = { ...state, page: "1", ...change };
    history.replaceState(null, "", address());
    render();
  };
  const follow = (scroll) => {
    const found = inAddress();
    if (!found) return;
    state = found;
    render();
    if (scroll) {
      byId("findings").scrollIntoView();
      byId("findings").focus({ preventScroll: true });
    }
  };

  // ---- one finding: the reason first, then its yuan and clause, evidence, what to do
  const pair = (term, text, kind = null) => make("div", { class: kind }, make("dt", {}, term), make("dd", {}, ...[].concat(text)));
  const part = (title, ...content) => [make("h3", {}, title), ...content];
  const identity = (key) => {
    try { return Object.entries(JSON.parse(key)).map(([name, value]) => `${name} = ${value}`).join(", "); } catch { return key; }
  };
  const describe = (finding) => {
    const rule = rules[finding.rule] ?? { name: "", basis: [], columns: [], remedy: "", amount: null, subject: "", proof: "", class: "" };
    const place = shown.indexOf(finding);
    const step = (distance, label) => {
      const other = shown[place + distance];
      const button = make("button", { type: "button", onclick: () => show(other, distance < 0 ? 0 : 1) }, label);
      button.disabled = place < 0 || !other;
      return button;
    };
    const stake = make("dl", { class: "stake" },
      finding.yuan === null ? pair(words.money, rule.amount ? words.not_estimated : words.no_amount, "plainly") : pair(words.money, [exact(finding.yuan), make("small", {}, " " + words.yuan)]),
      finding.kwh === null ? null : pair(words.energy, [exact(finding.kwh), make("small", {}, " kWh")]),
      rule.amount && finding.yuan !== null ? pair(words.how_estimated, rule.amount, "plainly") : null);
    const evidence = rule.columns.map(([label, unit], index) => [label, unit, finding.evidence[index]]).filter(([, , text]) => text !== null && text !== undefined);
    const body = make("div", { class: "drawerbody", tabindex: "-1" },
      tag(finding.severity), " ", make("code", {}, finding.rule), " " + rule.name,
      make("h2", { id: "detail-reason" }, finding.reason || rule.name),
      finding.missing ? make("p", { class: "missing" }, words.missing + (data.lang === "zh" ? "：" : ": ") + finding.missing) : null,
      stake,
      ...part(words.basis, make("ul", {}, ...rule.basis.map((text) => make("li", {}, text)))),
      ...part(words.evidence, evidence.length
        ? make("div", { class: "proofs" }, make("table", {}, make("tbody", {}, ...evidence.map(([label, unit, text]) =>
            make("tr", {}, make("th", { scope: "row" }, label), make("td", {}, text, unit && text !== "—" ? " " + unit : ""))))))
        : make("p", { class: "note" }, words.no_evidence)),
      ...part(words.remedy, make("p", { class: "todo" }, rule.remedy)),
      ...part(words.who, make("dl", { class: "facts" },
        finding.customer ? pair(words.customer, [finding.name ? finding.name + " " : "", make("a", { href: address({ ...EMPTY, customer: finding.customer, state: "all" }), onclick: () => detail.close() }, finding.customer)]) : null,
        finding.subject ? pair(words.subject, `${rule.subject} ${finding.subject}`) : null,
        pair(words.unit, units[finding.org]?.[1].join(" / ") || unitName(finding.org)),
        finding.period ? pair(words.period, finding.period) : null)),
      ...part(words.history, make("dl", { class: "facts" },
        pair(words.history, labels.finding_state[finding.state] ?? finding.state),
        pair(words.first_seen, finding.first ?? "—"), pair(words.last_hit, finding.last ?? "—"), pair(words.judged, finding.judged ?? "—"),
        rule.proof ? pair(words.proof, rule.proof) : null)),
      ...part(words.identity, make("p", {}, make("code", {}, `${finding.rule} · ${identity(finding.key)}`))));
    return make("div", { class: "drawer" },
      make("div", { class: "drawerbar" }, step(-1, words.previous_finding), step(1, words.next_finding), make("span", { class: "spring" }),
        make("button", { type: "button", onclick: () => detail.close() }, words.close)), body);
  };
  const show = (finding, focus = null) => {
    detail.replaceChildren(describe(finding));
    if (!detail.open) detail.showModal();
    const buttons = detail.querySelectorAll(".drawerbar button");
    (focus !== null && !buttons[focus].disabled ? buttons[focus] : buttons[2]).focus();
  };

  // ---- the filter form
  const options = (name, entries) => form.elements[name].replaceChildren(...entries.map(([value, text]) => make("option", { value }, text)));
  const present = (key) => new Set(findings.map(key));
  const all = ["", words.all];
  const severities = present((f) => f.severity), groups = present((f) => rules[f.rule]?.specialty), codes = present((f) => f.rule);
  const above = new Set(findings.flatMap((f) => units[f.org]?.[2] ?? (f.org === null ? [] : [f.org])));
  options("severity", [all, ...Object.entries(labels.severity).filter(([code]) => severities.has(code))]);
  options("specialty", [all, ...Object.entries(labels.specialty).filter(([code]) => groups.has(code))]);
  options("rule", [all, ...Object.entries(rules).filter(([code]) => codes.has(code)).map(([code, rule]) => [code, `${code} ${rule.name}`])]);
  options("unit", [all, ...Object.entries(units).filter(([id]) => above.has(id)).sort(([, a], [, b]) => (a[2].join("/") < b[2].join("/") ? -1 : 1))
    .map(([id, [name, , path]]) => [id, "\u3000".repeat(path.length - 1) + name])]);
  options("state", [["suspected", words.state_suspected], ...Object.entries(labels.finding_state), ["all", words.all]]);
  options("sort", ["severity", "yuan", "oldest", "unit", "customer"].map((name) => [name, words["sort_" + name]]));

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => { if (event.target.name) go({ [event.target.name]: event.target.value }); });
  byId("reset").addEventListener("click", () => { form.elements.q.value = ""; go({ ...EMPTY }); });
  byId("copy").addEventListener("click", async () => {
    const link = location.href.split("#")[0] + address();
    try { await navigator.clipboard.writeText(link); byId("copy").textContent = words.copied; } catch { prompt(words.copy_link, link); }
    setTimeout(() => { byId("copy").textContent = words.copy_link; }, 1500);
  });
  const turn = (distance) => { go({ page: String((Number(state.page) || 1) + distance) }); byId("findings").scrollIntoView(); };
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  byId("rows").addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (!row || String(getSelection())) return;
    opener = row.querySelector("button");
    show(findings[Number(row.dataset.index)]);
  });
  detail.addEventListener("click", (event) => { if (event.target === detail) detail.close(); });
  detail.addEventListener("close", () => { if (opener?.isConnected) opener.focus(); });
  addEventListener("hashchange", () => follow(true));
  addEventListener("click", (event) => { // the same link again: scroll again
    const link = event.target.closest?.("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) follow(true);
  });
  render();
  follow(true);
})();
