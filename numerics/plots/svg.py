"""A figure as SVG whose marks have tips: browsers show them where the pointer rests, without a script."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from typing import Any

from numerics.common.shown import Shown

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
FIXED = {"svg.hashsalt": "skipscape", "svg.fonttype": "none"}  # the same bytes for the same figure; text stays text
PLACES = ("d", "x", "y")  # attributes whose decimals need not be many
LONG = re.compile(r"-?\d+\.\d{3,}(?!\d*e)")
REFERENCE = re.compile(r"url\(#([^)]+)\)")


@dataclass(frozen=True)
class Tips(Shown):
    """What is said of marks, by the ids of their artists: one sentence for all of it, or one a point."""

    words: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def mark(self, artist: Any, name: str, *words: str) -> None:
        """Give the artist a name, and its points their words."""
        artist.set_gid(name)
        self.words[name] = words


def svg(figure: Any, tips: Tips, description: str, *, prefix: str = "", alone: bool = True) -> str:
    """The figure's SVG with tips and a description; `alone`: as a file, else as an element of a page."""
    import matplotlib

    stream = io.BytesIO()
    with matplotlib.rc_context(FIXED):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    for name, uri in (("", SVG), ("xlink", XLINK)):
        ElementTree.register_namespace(name, uri)
    root = ElementTree.fromstring(stream.getvalue())
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    for node in root.iter(f"{{{SVG}}}g"):
        if words := tips.words.get(node.get("id", "")):
            _tell(node, words)
    root.set("role", "img")
    root.set("aria-label", description)
    if not alone:
        for size in ("width", "height"):  # the page's own
            root.attrib.pop(size, None)
    if prefix:
        _prefixed(root, prefix)
    for node in root.iter():
        for name in set(PLACES).intersection(node.keys()):
            node.set(name, LONG.sub(lambda found: f"{float(found[0]):.2f}", node.attrib[name]))
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n' if alone else text


def _tell(node: ElementTree.Element, words: tuple[str, ...]) -> None:
    """Tips on the points, if there is one for each, else the first on the whole."""
    uses = list(node.iter(f"{{{SVG}}}use"))
    marks = uses if len(uses) == len(words) and len(words) > 1 else [node]
    for mark, said in zip(marks, words, strict=False):
        tip = ElementTree.Element(f"{{{SVG}}}title")
        tip.text = said
        mark.insert(0, tip)


def _prefixed(root: ElementTree.Element, prefix: str) -> None:
    """Ids of its own, as a page may hold several figures."""
    for node in root.iter():
        for name, value in list(node.attrib.items()):
            if name == "id":
                node.set("id", prefix + value)
                node.set("class", value.partition("-")[0])
            elif name == f"{{{XLINK}}}href" and value.startswith("#"):
                node.set(name, f"#{prefix}{value[1:]}")
            elif "url(#" in value:
                node.set(name, REFERENCE.sub(rf"url(#{prefix}\1)", value))
