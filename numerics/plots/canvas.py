"""What all pictures share: a figure that needs no display, foreign words as plain text, losses of any size."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

from numerics.common.shown import Shown
from numerics.common.speech import printable
from numerics.errors import InputError
from numerics.files import write_atomically

LONGEST = 72  # characters of a title; longer ones are shortened in the middle
INK, GREY = "#1c1c1c", "#767676"
BLUE, RED = "#0072b2", "#d55e00"  # of Okabe and Ito's palette: told apart by the colour-blind
DECADES = 290  # decimal exponents up to which axes stay within the range of float64

Loss = Fraction | float


@contextmanager
def settings() -> Iterator[None]:
    """Matplotlib without anyone's own settings, which could ask for LaTeX; a `Figure` of its own needs no display."""
    import matplotlib.style

    with matplotlib.style.context("default"):
        yield


def plain(words: str) -> str:
    """One line that shows foreign text as it is: what cannot be printed, or has no glyph, by its code; shortened."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    glyphs = get_font(findfont(FontProperties())).get_charmap()
    shown = "".join(one if ord(one) in glyphs else _code(one) for one in printable(words))
    if len(shown) <= LONGEST:
        return shown
    half = (LONGEST - 3) // 2
    return f"{shown[:half]}...{shown[-half:]}"


def title(axes: Any, words: str, **style: Any) -> None:
    """A title, never read as mathematics."""
    axes.set_title(plain(words), parse_math=False, **style)


def png(figure: Any) -> bytes:
    """The figure's bytes: the same for the same figure."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def written(path: Path, draw: Callable[[], bytes], *, force: bool) -> list[str]:
    """Draw and write a picture, which is never worth an answer: what prevents it is returned as a note."""
    try:
        picture = draw()
    except Exception as error:  # matplotlib, fonts and images can fail in almost any way
        return [f"{path} was not drawn: {type(error).__name__}: {' '.join(str(error).split())[:200]}"]
    try:
        write_atomically(path, picture, force=force)
    except InputError as error:
        return [f"no picture was written: {error}"]
    return []


class Axis(StrEnum):
    """What the height of a loss is."""

    LINEAR = "the loss"
    LOG = "the loss, on an axis of decades"
    DECADES = "log10 of the loss, which float64 does not hold"


@dataclass(frozen=True)
class Scale(Shown):
    """How losses become heights. `floor`: where a loss of 0, which has no logarithm, is drawn among decades."""

    axis: Axis
    floor: float = 0.0

    @classmethod
    def of(cls, losses: Iterable[Loss], *, log: bool = False) -> Scale:
        """For these losses, one of them above 0 if there is to be a logarithm; `log`: where one is preferred."""
        sizes = [size for loss in losses if (size := _decades(loss)) is not None]
        if not sizes:
            return cls(Axis.LINEAR)
        if abs(max(sizes)) > DECADES or (log and min(sizes) < -DECADES):
            return cls(Axis.DECADES, min(sizes) - max(1.0, 0.05 * (max(sizes) - min(sizes))))
        return cls(Axis.LOG if log else Axis.LINEAR)

    def height(self, loss: Loss) -> float:
        """Where the loss is drawn; NaN, which leaves a gap, where a float64 loss overflowed."""
        if isinstance(loss, float) and not math.isfinite(loss):
            return math.nan
        if self.axis is not Axis.DECADES:
            return float(loss)
        size = _decades(loss)
        return self.floor if size is None else size

    def name(self, axes: Any, words: str) -> None:
        """Set up the axis and its label."""
        if self.axis is Axis.LOG:
            axes.set_yscale("log")
        axes.set_ylabel(f"log10 of {words}; 0: lower edge" if self.axis is Axis.DECADES else words)


def _decades(loss: Loss) -> float | None:
    """The log10 of any positive number; None without one."""
    if isinstance(loss, float):
        return math.log10(loss) if 0.0 < loss < math.inf else None
    return math.log10(loss.numerator) - math.log10(loss.denominator) if loss > 0 else None


def _code(one: str) -> str:
    return one.encode("ascii", "backslashreplace").decode("ascii")
