"""How far pieces are cut for the error rate: near to one that is attained, or to the one that is asked for."""

from fractions import Fraction

import pytest

from numerics.maxima.bound import Signs
from numerics.maxima.frontier import Frontier, halves
from numerics.maxima.pieces import Piece, Proof
from numerics.maxima.sharpen import sharpen

SAMPLES = 400


def cut_for(rate: Fraction | None, rounds: int = 20) -> list[Piece]:
    """Pieces of a segment on which 100 samples are wrong, where 64 times the width of a piece are unsure besides."""
    frontier = Frontier()

    def look(piece: Piece) -> None:
        unsure = 100 + int(64 * piece.width)
        frontier.push(Piece(0, piece.left, piece.right, piece.lower, piece.upper, piece.proof, Signs(unsure, 100)))

    def bisect(piece: Piece) -> None:
        for half in halves(piece):
            look(half)

    look(Piece(0, Fraction(0), Fraction(1), Fraction(0), Fraction(1), Proof.ENCLOSURE))
    sharpen(frontier, bisect, rounds, SAMPLES, rate)
    return list(frontier)


@pytest.mark.parametrize(
    ("rate", "count"),
    [
        (None, 16),  # at most one percent above what is wrong: parts of 1/16 have 104 of 400
        (Fraction(116, 400), 4),
        (Fraction(1), 1),
    ],
)
def test_it_ends_where_few_enough_are_unsure(rate: Fraction | None, count: int) -> None:
    """A bound of the error rate is cut for as long as it matters, and no longer."""
    assert len(cut_for(rate)) == count


def test_a_rate_below_what_is_wrong_is_not_cut_for() -> None:
    """No bound can be below 100 of 400; the rate is not kept, and there it ends: where nothing else is unsure."""
    found = cut_for(Fraction(1, 400), rounds=400)
    assert max(piece.signs.unsure for piece in found) == 100


def test_work_is_bounded() -> None:
    """A round makes one piece more."""
    assert len(cut_for(None, rounds=3)) == 4
