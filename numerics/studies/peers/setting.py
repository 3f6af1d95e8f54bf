"""What is compared: architectures, losses, and how long anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.common.shown import Shown

PIXELS = 784  # of enlarged digits
SAMPLES = 61  # equally spaced times of a whole path, as mode-connectivity work takes them


@dataclass(frozen=True)
class Pair(Shown):
    """Two seeds of one architecture under one loss."""

    kind: str
    width: int
    branch: tuple[int, ...]
    loss: str
    blocks: int = 1

    @property
    def name(self) -> str:
        """In rows and files."""
        blocks = f"x{self.blocks}" if self.blocks > 1 else ""
        return f"{self.kind}-{'-'.join(map(str, (self.width, *self.branch)))}{blocks}"


@dataclass(frozen=True)
class Setting(Shown):
    """Points to train on, inputs of each (64, or 784: enlarged), steps of training and of the curves', and the relative
    gap at which an enclosure ends.
    """

    points: int = 297
    pixels: int = 64
    steps: int = 400
    curve_steps: int = 600
    tolerance: Fraction = Fraction(1, 100)

    def to_json(self) -> dict[str, int | str]:
        """The numbers."""
        numbers = {"points": self.points, "pixels": self.pixels, "steps": self.steps, "curve_steps": self.curve_steps}
        return {**numbers, "tolerance": str(self.tolerance)}


def pairs(width: int, kinds: Sequence[str]) -> tuple[Pair, ...]:
    """Networks of these classes and this width, under both losses: a branch of 32-32, one more hidden layer, and two
    blocks whose hidden layer is as wide as the stream. Raises KeyError for another class.
    """
    shapes = {"parallel": ((32, 32), 1), "plain": ((width,), 1), "stream": ((width,), 2)}
    return tuple(
        Pair(kind, width, *shapes[kind][:1], loss, shapes[kind][1])
        for kind in kinds
        for loss in ("squared", "cross-entropy")
    )
