// What stands in the way of reading a page: contrast below WCAG AA, controls without a label, focus that does not show,
// ids that stand twice, amounts broken over two lines. Returns lists of what it found, each empty where all is well.
() => {
  const shown = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  function colour(text) { // whatever CSS calls it, as red, green, blue, alpha
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = "#000";
    pen.fillStyle = text;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  }
  const over = (top, ground, a = top[3]) => [0, 1, 2].map((i) => top[i] * a + ground[i] * (1 - a));
  function light(c) {
    const [r, g, b] = c.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  function chain(e) { const all = []; for (let n = e; n; n = n.parentElement) all.push(n); return all; }
  function ground(e) { // null: a picture, whose colours are not known
    const layers = [];
    for (const one of chain(e)) {
      const style = getComputedStyle(one);
      if (style.backgroundImage !== "none") return null;
      const c = colour(style.backgroundColor);
      if (c[3] > 0) layers.push(c);
      if (c[3] >= 1) break;
    }
    return layers.reverse().reduce((below, c) => over(c, below), [255, 255, 255]);
  }
  const contrast = new Set();
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    // what cannot be used is exempt, as the standard says
    if (!text || e.closest("svg, script, style, option, canvas, template, .visually-hidden, :disabled") || !shown(e)) continue;
    if (e.getBoundingClientRect().width < 2) continue;
    const below = ground(e);
    if (!below) continue;
    texts += 1;
    const style = getComputedStyle(e);
    const own = colour(style.color);
    const seen = over(own, below, chain(e).reduce((a, one) => a * parseFloat(getComputedStyle(one).opacity), own[3]));
    const [dark, bright] = [light(seen), light(below)].sort((a, b) => a - b);
    const ratio = (bright + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight, 10) >= 700) ? 3 : 4.5;
    if (ratio < least - 0.005) contrast.add(`${ratio.toFixed(2)} ${e.tagName}.${e.className}: ${text.slice(0, 30)}`);
  }
  const said = (e) => [...(e.labels ?? [])].some((l) => l.textContent.trim()) || e.getAttribute("aria-label") || e.getAttribute("aria-labelledby")
    || e.title || (e.tagName === "BUTTON" && e.textContent.trim());
  const unlabelled = [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button")]
    .filter((e) => e.checkVisibility() && !said(e)).map((e) => e.outerHTML.slice(0, 120));
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const broken = [...document.querySelectorAll(".tile-value, .tile-note, .big-yuan, .num")].filter(shown).filter((e) => {
    const words = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
      for (const match of words.currentNode.textContent.matchAll(/\d[\d,]*(?:\.\d+)?/g)) {
        const range = document.createRange();
        range.setStart(words.currentNode, match.index);
        range.setEnd(words.currentNode, match.index + match[0].length);
        if (new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size > 1) return true;
      }
    }
    return false;
  }).map((e) => e.textContent.trim().slice(0, 60));
  const unseen = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((e) => e.checkVisibility() && !e.disabled && !e.matches(".visually-hidden, [type=file]")).filter((e) => {
      e.focus({ preventScroll: true });
      const style = getComputedStyle(e);
      const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      return document.activeElement === e && !outlined && style.boxShadow === "none";
    }).map((e) => e.outerHTML.slice(0, 90));
  const twice = [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
  return { texts, wrong: { contrast: [...contrast], unlabelled, broken, unseen, twice } };
}
