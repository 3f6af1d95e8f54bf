"""A picture as a file: PNG, SVG, or a page of its own."""

from __future__ import annotations

from pathlib import Path

from numerics.errors import InputError
from numerics.plots.html import interactive, page, table, text, verdict
from numerics.plots.path import Scene, described, path_picture, path_svg
from numerics.plots.segments import segment_rows

ENDINGS = (".png", ".svg", ".html")
CAPTION = (
    "Squares, dashes and shaded pieces are certified; dots and the straight line are float64 samples, which prove "
    "nothing. A mark says what it is where the pointer rests on it."
)


def require_ending(path: Path) -> None:
    """Raise InputError unless the name says how to draw."""
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{path}: a picture's file name ends in one of {', '.join(ENDINGS)}")


def picture_file(scene: Scene, ending: str, claim: str) -> bytes:
    """The content of a file of that ending; a page says what was claimed."""
    match ending.lower():
        case ".png":
            return path_picture(scene)
        case ".svg":
            return path_svg(scene).encode()
    course = scene.course
    rows = segment_rows(course)
    details = f"<details><summary>the segments as a table</summary>{table(*rows)}</details>\n" if rows[1] else ""
    body = (
        f"<main>\n<h1>{text(scene.words)}</h1>\n{verdict(course.verdict, claim)}<p>{text(described(scene))}.</p>\n"
        f"{interactive(path_svg(scene, prefix='p-', alone=False), CAPTION)}{details}</main>"
    )
    return page(scene.words, body).encode("utf-8", "backslashreplace")
