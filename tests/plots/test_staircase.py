"""The profile of a way down: losses of any size."""

from __future__ import annotations

from fractions import Fraction

import pytest
from matplotlib.figure import Figure

from numerics.plots.course import Step
from numerics.plots.staircase import draw_steps


def steps(unit: Fraction, climb: Fraction) -> list[Step]:
    """A refit, a step that climbs, and one that does not."""
    return [
        Step(8 * unit, 4 * unit, Fraction(0), 4 * unit, refit=True),
        Step(4 * unit, 2 * unit, climb * unit, 2 * unit),
        Step(2 * unit, unit, Fraction(0), unit),
    ]


@pytest.mark.parametrize("power", [-400, -5, 0, 300, 400, 5000])
@pytest.mark.parametrize("climb", [Fraction(0), Fraction(1, 3)])
def test_losses_of_any_size_are_drawn(power: int, climb: Fraction) -> None:
    """Beyond float64 by their logarithms; the steeper step stands higher, and it is said."""
    figure = Figure()
    upper, lower = figure.subplots(2, 1, sharex=True)
    unit = Fraction(10) ** power
    draw_steps((upper, lower), steps(unit, climb), {"R0": 9 * unit, "C7": Fraction(0)})
    figure.canvas.draw()
    heights = upper.lines[0].get_ydata()
    assert heights[1] == heights[-1]
    assert (heights[-1] > heights[0]) == (climb > 0)
    assert ("log10" in lower.get_xlabel()) == (abs(power) > 290)
    assert any("R0 <= " in words for words in lower.get_legend_handles_labels()[1])
