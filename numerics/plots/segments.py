"""The segments of a path as rows of a table; flat stretches are one row."""

from __future__ import annotations

from numerics.plots.course import Course, time_words
from numerics.questions.text import KINDS, shortened

HEADS = ["segments", "path time", "kind", "loss at its end at most", "loss on it at most"]


def segment_rows(course: Course) -> tuple[list[str], list[list[str]]]:
    """Heads and rows, empty where nothing is certified."""
    times, starts = course.corner_times, dict(course.flat)
    rows: list[list[str]] = []
    k = 0
    while course.corners and k < len(course.kinds):
        last = starts.get(k, k)
        kinds = dict.fromkeys(KINDS.get(kind, kind) for kind in course.kinds[k : last + 1])
        tops = [band.upper for band in course.bands if times[k] <= band.left < times[last + 1]]
        end = course.corners[last + 1].upper
        rows.append(
            [
                str(k) if last == k else f"{k} to {last}",
                f"{time_words(times[k])} to {time_words(times[last + 1])}",
                ", ".join(kinds),
                "not bounded" if end is None else shortened(end),
                shortened(max(tops)) if tops else "not bounded",
            ]
        )
        k = last + 1
    return HEADS, rows
