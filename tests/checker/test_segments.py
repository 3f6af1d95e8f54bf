"""The kinds of segments: each rule violated beside a true twin that passes."""

import numpy as np
import pytest

from numerics.checker.reader import parse_certificate
from numerics.checker.segments import corners
from support.certificates import Forge, entries_of, pack


def wide(moves, kind, **start) -> Forge:
    """One segment on a parallel network with layers 3 -> (2 -> 2) whose weights are all nonzero unless given."""
    weights = {
        "W": np.array([[1.0, 2.0], [3.0, -1.0], [1.0, 1.0]]),
        "V": np.array([[1.0, 1.0, 1.0]]),
        "A": np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]),
        "a": np.array([1.0, 1.0]),
        "B1": np.array([[1.0, 1.0], [1.0, 1.0]]),
        "b1": np.array([1.0, 1.0]),
        "U": np.array([[1.0, 1.0]]),
        "c": np.array([1.0]),
    }
    weights |= {name: np.array(value, dtype=float) for name, value in start.items()}
    return Forge("parallel", 1, weights, np.array([[1.0], [2.0]]), np.array([[1.0], [0.0]]), [(kind, moves)])


BRANCH_DEAD = {"U": [[0.0, 0.0]]}
SLOT_DEAD = {"V": [[1.0, 0.0, 1.0]], "A": [[1.0, 0.0, 1.0], [1.0, 0.0, 1.0]]}

SILENT = [
    # What moves, start making it silent, start (close to it) that does not.
    ({"W": ([1], [[9.0, 9.0]])}, SLOT_DEAD, SLOT_DEAD | {"V": [[1.0, 5e-324, 1.0]]}),
    ({"W": ([1], [[9.0, 9.0]])}, SLOT_DEAD, SLOT_DEAD | {"A": [[1.0, 0.0, 1.0], [1.0, -5e-324, 1.0]]}),
    ({"W": ([1], [[9.0, 9.0]])}, BRANCH_DEAD | {"V": [[1.0, 0.0, 1.0]]}, {"V": [[1.0, 0.0, 1.0]]}),
    ({"W": ([1], [[9.0, 9.0]])}, SLOT_DEAD, BRANCH_DEAD),
    # A neuron that feeds only a dead unit of the branch is dead.
    (
        {"W": ([1], [[9.0, 9.0]])},
        {"V": [[1.0, 0.0, 1.0]], "A": [[1.0, 0.0, 1.0], [1.0, 1.0, 1.0]], "B1": [[1.0, 0.0], [1.0, 0.0]]},
        {"V": [[1.0, 0.0, 1.0]], "A": [[1.0, 0.0, 1.0], [1.0, 1.0, 1.0]], "B1": [[1.0, 0.0], [1.0, 1.0]]},
    ),
    (
        {"A": ("all", [[1.0, 1.0, 1.0], [5.0, 6.0, 7.0]]), "a": ("all", [1.0, 5.0])},
        {"B1": [[1.0, 0.0], [1.0, 0.0]]},
        {"B1": [[1.0, 0.0], [1.0, 1.0]]},
    ),
    (
        {"A": ("all", [[1.0, 1.0, 1.0], [5.0, 6.0, 7.0]])},
        {"B1": [[1.0, 0.0], [1.0, 0.0]]},
        {"B1": [[0.0, 1.0], [0.0, 1.0]]},
    ),
    ({"a": ("all", [1.0, 5.0])}, {"B1": [[1.0, 0.0], [1.0, 0.0]]}, {"B1": [[0.0, 1.0], [0.0, 1.0]]}),
    ({"B1": ("all", [[1.0, 1.0], [5.0, 6.0]])}, {"U": [[1.0, 0.0]]}, {"U": [[0.0, 1.0]]}),
    ({"b1": ("all", [1.0, 5.0])}, {"U": [[1.0, 0.0]]}, {"U": [[0.0, 1.0]]}),
    # Everything before a silent top layer may move at once.
    (
        {
            "A": ([0, 2], [[3.0, 3.0], [3.0, 3.0]]),
            "a": ("all", [3.0, 3.0]),
            "B1": ("all", [[3.0, 3.0], [3.0, 3.0]]),
            "b1": ("all", [3.0, 3.0]),
        },
        BRANCH_DEAD,
        {"U": [[0.0, 1.0]]},
    ),
]


@pytest.mark.parametrize(("moves", "silent", "loud"), SILENT)
def test_silent_segments_move_only_entries_into_dead_units(verify, refused, moves, silent, loud):
    assert verify(wide(moves, "silent", **silent)).verdict == "PROVED"
    refused("segment 0 is called silent but", wide(moves, "silent", **loud))


def test_an_outgoing_weight_that_is_zero_at_one_end_only_leaves_its_unit_alive(refused):
    """It cannot move silently itself unless it leads to a dead unit; then the unit is dead all the same."""
    start = {"V": [[1.0, 0.0, 1.0]], "A": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]}
    opening = {"W": ([1], [[9.0, 9.0]]), "A": ("all", [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])}
    refused("live", wide(opening, "silent", **start))
    closing = {"W": ([1], [[9.0, 9.0]]), "A": ("all", np.zeros((2, 3)))}
    refused("live", wide(closing, "silent", V=[[1.0, 0.0, 1.0]]))


def test_moving_an_entry_and_the_row_it_feeds_from_is_silent_if_it_leads_to_a_dead_unit(verify):
    start = {"V": [[1.0, 0.0, 1.0]], "A": [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], "B1": [[1.0, 0.0], [1.0, 0.0]]}
    moves = {"W": ([1], [[9.0, 9.0]]), "A": ([1], [[0.0], [4.0]])}
    assert verify(wide(moves, "silent", **start)).verdict == "PROVED"


@pytest.mark.parametrize("name", ["V", "U", "c"])
def test_the_readout_never_moves_on_a_silent_segment(verify, refused, name):
    forge = wide({}, "silent")
    forge.segments = [("silent", {name: ("all", forge.start[name] + 1)})]
    refused(f"silent but {name} moves", forge)
    forge.segments = [("readout", {name: ("all", forge.start[name] + 1)})]
    assert verify(forge).verdict == "PROVED"


@pytest.mark.parametrize("name", ["W", "A", "a", "B1", "b1"])
def test_only_the_readout_moves_on_a_readout_segment(verify, refused, name):
    """Even if it would be silent: the segment is what it says it is."""
    forge = wide({}, "readout", V=[[0.0, 0.0, 0.0]], U=[[0.0, 0.0]])
    forge.segments = [("readout", {name: ("all", forge.start[name] + 1)})]
    refused(f"readout but {name} moves", forge)
    forge.segments = [("silent", {name: ("all", forge.start[name] + 1)})]
    assert verify(forge).verdict == "PROVED"


def test_listed_weights_may_stay_and_a_segment_may_move_nothing(verify):
    forge = wide({}, "readout")
    everything = {name: ("all", value) for name, value in forge.start.items()}
    forge.segments = [("readout", {}), ("silent", {}), ("readout", everything), ("silent", everything)]
    assert verify(forge).verdict == "PROVED"


def test_a_zero_that_changes_its_sign_moves_nothing(verify):
    forge = wide({}, "silent", V=[[0.0, 1.0, 1.0]], B1=[[0.0, 1.0], [1.0, -0.0]])
    forge.segments = [
        ("silent", {"V": ([0], [[-0.0]])}),
        ("readout", {"B1": ("all", [[-0.0, 1.0], [1.0, 0.0]])}),
    ]
    report = verify(forge)
    assert report.verdict == "PROVED"


def test_corners_are_rebuilt_bit_for_bit(honest):
    certificate = parse_certificate(pack(entries_of(honest.document(), honest.arrays())), 1 << 28)
    rebuilt = list(corners(certificate))
    assert len(rebuilt) == 4
    for mine, theirs in zip(rebuilt, honest.corners(), strict=True):
        assert {name: array.tobytes() for name, array in mine.items()} == {
            name: np.asarray(array, dtype=float).tobytes() for name, array in theirs.items()
        }


def test_two_layer_networks_have_the_same_rules(verify, refused):
    start = {"W": np.array([[1.0], [2.0]]), "V": np.array([[1.0, 0.0]])}
    x, y = np.array([[1.0]]), np.array([[3.0]])
    dead = ("silent", {"W": ([1], [[5.0]])})
    live = ("silent", {"W": ([0], [[5.0]])})
    read = ("readout", {"V": ("all", [[0.0, 0.5]])})
    assert verify(Forge("two-layer", 0, start, x, y, [dead, read, live])).verdict == "PROVED"
    refused("silent", Forge("two-layer", 0, start, x, y, [live]))
    refused("silent", Forge("two-layer", 0, start, x, y, [dead, read, ("silent", {"W": ([1], [[6.0]])})]))
