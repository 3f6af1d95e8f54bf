"""What shares a forward pass, and the tables that it is made of: sizes are those of all that is in them."""

from __future__ import annotations

import numpy as np

from numerics.checker.bank import Bank
from numerics.checker.batches import Batch, alike
from numerics.checker.exact import Extent
from numerics.checker.heads import Head, _canonical, head_of, table
from numerics.checker.wide import Patchwork


def heads(*readouts: float) -> list[Head]:
    """Two-layer networks of one neuron each on rows of their own, with these output weights."""
    bank = Bank(1)
    return [
        head_of({"W": np.array([[k + 1.0]]), "V": np.array([[value]])}, bank.number(np.array([[k + 1.0]])))
        for k, value in enumerate(readouts)
    ]


def test_a_batch_has_the_rows_of_all_its_heads() -> None:
    """Its size and its longest readout too."""
    first, second = heads(1.0, 7.0)
    one = Batch().joined(first)
    both = one.joined(second)
    assert both.numbers == {0, 1}
    assert (one.uses, both.uses) == (1, 2)
    assert both.bits == 3
    assert both.size > one.size > 0


def test_heads_on_many_rows_of_which_each_reads_one_are_not_worthwhile_together() -> None:
    """A wide network is dense: n heads on n rows cost n^2 and use n."""
    batch = Batch()
    for count, head in enumerate(heads(*[1.0] * 6), 1):
        batch = batch.joined(head)
        assert batch.worthwhile(1 << 30) == (count <= 4)


def test_readouts_of_up_to_128_bits_are_alike() -> None:
    """Longer ones are not: the longest would determine the cost of all."""
    short, long, longer = heads(3.0, 2.0**60 + 1, 1.0)
    assert alike(short) == alike(long) == alike(longer) == 0
    wide = head_of(
        {"W": np.ones((2, 1)) * [[1.0], [2.0]], "V": np.array([[2.0**200, 1.0]])},
        Bank(1).number(np.array([[1.0], [2.0]])),
    )
    assert alike(wide) == 1


def test_a_table_of_zeros_has_one_form() -> None:
    """However it came about: the same function has the same digest."""
    assert _canonical(1, 2, [0, 0], -5) == table(np.zeros((1, 2)))
    assert _canonical(1, 2, [12, 8], -5) == table(np.array([[12 / 32, 8 / 32]]))


def test_a_matrix_of_zeros_has_no_bits() -> None:
    """An empty patchwork, a multiple by 0, a multiple of zeros."""
    assert Patchwork(2, 3, ()).extent == Extent(2, 3, 0, 0)
    assert Extent(2, 3, 1, 5).scaled(0) == Extent(2, 3, 1, 0)
    assert Extent(2, 3, 1, 0).scaled(7, 2) == Extent(2, 3, 3, 0)
    assert Extent(2, 3, 1, 5).scaled(7, 2) == Extent(2, 3, 3, 8)
