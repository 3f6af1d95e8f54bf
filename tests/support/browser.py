"""A page in headless Chromium, where there is one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PROBE = """
f.onload = () => {
  const page = f.contentDocument, view = f.contentWindow, boxes = [], seen = {faintest: 21, words: ""};
  const linear = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const parts = colour => (colour.match(/[\\d.]+/g) || [0, 0, 0]).map(Number);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const found = parts(view.getComputedStyle(node).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  for (let text; text = walker.nextNode();) {
    const holder = text.parentElement, words = text.data.trim();
    if (!words || !holder.checkVisibility() || ["STYLE", "title"].includes(holder.tagName)) continue;
    const style = view.getComputedStyle(holder), range = page.createRange();
    range.selectNodeContents(text);
    const places = [...range.getClientRects()].filter(box => box.width > 1 && box.height > 1 && box.right > 0);
    if (!places.length) continue;
    const inSvg = holder instanceof view.SVGElement;
    const pair = [light(parts(inSvg ? style.fill : style.color)), light(ground(holder))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < seen.faintest) { seen.faintest = ratio; seen.words = words.slice(0, 60); }
    const within = holder.closest("svg") || holder.closest(".box, .table, pre") || page;
    const formula = holder.closest("math");
    for (const place of places) boxes.push({place, words, formula, within});
  }
  const overlaps = [];
  boxes.sort((a, b) => a.place.top - b.place.top);
  boxes.forEach((one, k) => {
    const a = one.place;
    for (let at = k + 1; at < boxes.length && boxes[at].place.top < a.bottom; at++) {
      const other = boxes[at], b = other.place;
      if (one.formula && one.formula === other.formula) continue;  // an accent lies on its letter
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const tall = Math.min(a.bottom, b.bottom) - b.top;
      if (one.within === other.within && wide > 2 && tall > 0.4 * Math.min(a.height, b.height))
        overlaps.push(`${one.words} | ${other.words}`);
    }
  });
  w.textContent = JSON.stringify({...seen, width: page.documentElement.scrollWidth, texts: boxes.length, overlaps});
};
"""


@dataclass(frozen=True)
class Look:
    """How wide a document is in its frame, in pixels; pairs of texts of one picture, box or page that lie on each
    other, formulas taken whole; the least contrast of any text with its ground, and the words that have it; how many
    texts there are.
    """

    width: int
    overlaps: tuple[str, ...]
    faintest: float
    words: str
    texts: int


def looked_at(page: Path, width: int) -> Look:
    """The page in a frame of this width; a probe is written beside it."""
    style = f"width:{width}px;height:800px;border:0"
    place = page.with_name("probe.html")
    place.write_text(
        f'<iframe id="f" src="{page.name}" style="{style}"></iframe><p id="w"></p><script>{PROBE}</script>',
        encoding="utf-8",
    )
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom")
    done = subprocess.run(
        [str(CHROMIUM), *flags, "--virtual-time-budget=5000", place.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r'<p id="w">(.+?)</p>', done.stdout, re.DOTALL)
    assert found, done.stdout[-2000:]
    seen = json.loads(unescape(found[1]))
    return Look(seen["width"], tuple(seen["overlaps"]), seen["faintest"], seen["words"], seen["texts"])
