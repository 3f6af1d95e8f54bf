"""How well the text of a page can be read: WCAG's contrast of every colour that it gives to text."""

from __future__ import annotations

import re

GROUNDS = ("paper", "soft")
WORDS = ("ink", "link", "good", "bad", "open")
SCHEME = re.compile(r":root \{(.*?)\}", re.DOTALL)
FILL = re.compile(r"fill: (#[0-9a-f]{3,6})|fill=\"(#[0-9a-f]{3,6})\"")


def luminance(colour: str) -> float:
    """WCAG's relative luminance of `#rrggbb`."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def faint(page: str) -> list[str]:
    """What of a page's text has a contrast below 4.5, or of its lines below 3: both schemes, text of pictures on their
    white ground, and any colour that is given outside the schemes.
    """
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    found = []
    schemes = SCHEME.findall(styles)
    for k, scheme in enumerate(schemes):
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", scheme))
        found += [
            f"scheme {k}: {name} on {ground}"
            for ground in GROUNDS
            for name in WORDS
            if contrast(colours[name], colours[ground]) < 4.5
        ]
        found += [f"scheme {k}: line"] if contrast(colours["line"], colours["paper"]) < 3 else []
    outside = re.sub(r"#ffffff;|#1c1c1c; stroke-width", "", SCHEME.sub("", styles))  # a picture's ground, a mark's rim
    found += [f"outside the schemes: {one}" for one in re.findall(r"#[0-9a-fA-F]{3,8}\b", outside)]
    bare = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    found += [f"style of an element: {one}" for one in re.findall(r'style="[^"]*colou?r[^"]*"', bare)]
    for text in re.findall(r"<text\b[^>]*>", "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))):
        colour = next((one or other for one, other in FILL.findall(text)), "#000000")
        if contrast(colour, "#ffffff") < 4.5:
            found.append(f"picture: {text}")
    return found if len(schemes) == 2 else [*found, f"{len(schemes)} schemes"]
