"""A segment prepared on a grid, once for all its pieces: its weights as lines or arcs, X W^T and Y in blocks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .arcs import Arc, arc_between, arc_of
from .arrays import Array, Weights
from .grid import MACHINE, Grid
from .inputs import Data
from .lines import CORNER, Line, Rounded, line_of
from .measure import SQUARED_LOSS, Measure
from .models import Model
from .spaces import Space


@dataclass(frozen=True)
class Block:
    """Some samples: `first` is X W^T (rows, m), of a graph X; `targets` is Y (rows, p), `y` the same as was given."""

    first: Line | Arc
    targets: Line
    y: Array

    def backwards(self) -> "Block":
        """From the segment's end to its start, where it is straight."""
        assert isinstance(self.first, Line)
        return Block(self.first.backwards(), self.targets, self.y)


@dataclass(frozen=True)
class Stretch:
    """A segment on a grid. `weights`: what is multiplied by or added beyond W, by keys, biases (1, r); `measure`: what
    is bounded on it; `threads`: how many blocks may be looked at at once.
    """

    grid: Grid
    space: Space
    samples: int
    weights: Mapping[str, Line | Arc]
    blocks: tuple[Block, ...]
    measure: Measure = SQUARED_LOSS
    threads: int = 1

    @property
    def straight(self) -> dict[str, Line]:
        """The weights that are straight lines."""
        return {name: line for name, line in self.weights.items() if isinstance(line, Line)}

    def backwards(self) -> "Stretch":
        """The segment from its end to its start, where it is straight."""
        weights = {name: line.backwards() for name, line in self.straight.items()}
        blocks = tuple(block.backwards() for block in self.blocks)
        return replace(self, weights=weights, blocks=blocks)


def stretch_of(
    grid: Grid,
    space: Space,
    before: Weights,
    after: Weights,
    data: Data,
    rows: int,
    measure: Measure = SQUARED_LOSS,
    control: Weights | None = None,
) -> Stretch:
    """The segment between two corners, `rows` samples at a time. `data.x` (N, D) includes the constant 1 if any.

    `control`: of an arc, all its parameters.
    """
    ends = space.operands(before), space.operands(after)
    # Weights are rounded once they are cut into pieces, and the first layer, which is multiplied once, after that.
    fine = MACHINE if grid.machine else grid
    first: Line | Arc | None = None
    if control is None:
        lines: dict[str, Line | Arc] = {key: line_of(fine, ends[0][key], ends[1][key]) for key in ends[0] if key != "W"}
        if space.graph is None:
            first = line_of(fine, before["W"], after["W"])
    else:
        bent = space.operands(control)
        lines = {key: arc_of(fine, ends[0][key], bent[key], ends[1][key]) for key in ends[0] if key != "W"}
        if space.graph is None:
            first = arc_of(fine, before["W"], control["W"], after["W"])
    samples = len(data.x)
    blocks = tuple(
        Block(
            _first(grid, data.x[begin : begin + rows], first),
            line_of(grid, data.y[begin : begin + rows], data.y[begin : begin + rows]),
            data.y[begin : begin + rows],
        )
        for begin in range(0, samples, rows)
    )
    return Stretch(grid, space, samples, lines, blocks, measure)


def _first(grid: Grid, x: Array, w: Line | Arc | None) -> Line | Arc:
    """X W^T along the segment: a line between its two ends or an arc, since X stays. X itself without a W."""
    if w is None:
        return line_of(grid, x, x)
    points = line_of(w.grid, x, x).model(CORNER)
    if isinstance(w, Arc):
        return arc_between(grid, [points.times(slab) for slab in w.corners()], w.differs.max(axis=1)[None, :])
    start = points.times(w.slab(CORNER))
    end = points.times(w.backwards().slab(CORNER)) if w.moves else start
    # One bit is left for the difference of the ends.
    tops = [part.exponent + part.bits for part in (start, end) if part.bits]
    lows = [part.exponent for part in (start, end) if part.bits]
    exponent = max([min(lows, default=0), *(top + 2 - grid.bits for top in tops)])
    start, end = start.at(exponent), end.at(exponent)
    differs = w.differs.max(axis=1)[None, :]
    return Line(grid, _ends(start), _ends(end), differs, exponent)


def _ends(model: Model) -> Rounded:
    return Rounded(model.mid, model.radius)
