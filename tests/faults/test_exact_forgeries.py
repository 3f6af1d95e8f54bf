"""Exact segments, forged: every digest right, only the identity false. Both checkers refuse; the true twin stands.

Points (3), (6) and neurons w_1 = 3, w_2 = 1: z_2 = z_1 / 3 on the data, a coefficient that is no float. RESIDUAL and
STREAM repeat known answer 5 (case 5 of the blueprint) and its elimination.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from numerics.checker.check import check
from numerics.errors import InputError
from numerics.paths.certificate import read_exact_path
from support import second_checker
from support.both_checkers import BothCheckers
from support.certificates import Forge, canonical, npy, pack, put, write_certificate

THIRD = Fraction(1, 3)


def parallel(coefficient: Fraction = THIRD, kind: str = "exact") -> Forge:
    """R5 (L4) in PARALLEL: neuron 2 is handed to neuron 1, its slot loaded, all read out, and floats again."""
    start = {
        "W": np.array([[3.0], [1.0]]),
        "V": np.array([[1.0, 2.0]]),
        "A": np.array([[1.0, 1.0], [-1.0, 2.0]]),
        "U": np.array([[1.0, 1.0]]),
    }
    hand_over = {
        "V": ("all", [[1 + 2 * coefficient, 0]]),
        "A": ("all", [[1 + coefficient, 0], [-1 + 2 * coefficient, 0]]),
    }
    segments = [
        (kind, hand_over),
        ("silent", {"W": ([1], [[2.0]])}),
        ("readout", {"V": ("all", [[0.0, 1.0]]), "U": ("all", [[0.0, 0.0]])}),
        ("silent", {"A": ("all", start["A"])}),
    ]
    return Forge("parallel", 0, start, np.array([[3.0], [6.0]]), np.array([[7.0], [10.0]]), segments)


def two_layer() -> Forge:
    """The same without a branch."""
    forge = parallel()
    start = {name: forge.start[name] for name in "WV"}
    segments = [
        (kind, {name: move for name, move in moves.items() if name in "WV"}) for kind, moves in forge.segments[:3]
    ]
    return Forge("two-layer", 0, start, forge.x, forge.y, segments)


def plain(coefficient: Fraction = THIRD) -> Forge:
    """A reads alone, and nothing but A moves."""
    start = {"W": np.array([[3.0], [1.0]]), "A": np.array([[1.0, 1.0]]), "U": np.array([[1.0]])}
    segments = [
        ("exact", {"A": ("all", [[1 + coefficient, 0]])}),
        ("readout", {"U": ("all", [[0.0]])}),
        ("silent", {"A": ("all", start["A"])}),
    ]
    return Forge("plain", 0, start, np.array([[3.0], [6.0]]), np.array([[7.0], [10.0]]), segments)


def residual(U: float = 3.0) -> Forge:
    """Known answer 5: L4 in RESIDUAL, all of W, V, A, U moving, between floats: f = 21 throughout."""
    start = {
        "W": np.array([[1.0], [2.0]]),
        "V": np.array([[1.0, 1.0]]),
        "A": np.array([[1.0, 1.0]]),
        "U": np.array([[1.0], [5.0]]),
    }
    moves = {
        "W": ("all", [[1.0], [0.0]]),
        "V": ("all", [[3.0, 1.0]]),
        "A": ("all", [[3.0, 1.0]]),
        "U": ("all", [[1.0], [U]]),
    }
    return Forge("residual", 0, start, np.array([[1.0]]), np.array([[20.0]]), [("exact", moves)])


def stream(share: Fraction = THIRD, later: Fraction = THIRD) -> Forge:
    """T3's elimination: V_2 = V_1 / 3 and A_2 alike, so block 0 writes to coordinate 1 what it wrote to 2."""
    start = {
        "W": np.array([[1.0], [0.0]]),
        "V": np.array([[3.0, 1.0]]),
        "blocks.0.A": np.array([[1.0, 5.0]]),
        "blocks.0.U": np.array([[1.0], [2.0]]),
        "blocks.1.A": np.array([[6.0, 2.0 if later == THIRD else 3.0]]),
        "blocks.1.U": np.array([[1.0], [0.0]]),
    }
    segments = [
        ("exact", {"blocks.0.U": ("all", [[1 + 2 * share], [0]])}),
        ("readout", {"V": ("all", [[0.0, 0.0]])}),
        ("silent", {"blocks.0.U": ("all", start["blocks.0.U"])}),
    ]
    return Forge("stream", 0, start, np.array([[1.0], [2.0]]), np.array([[70.0], [140.0]]), segments)


@pytest.mark.parametrize("honest", [parallel, two_layer, plain, residual, stream])
def test_an_identity_of_every_class_is_accepted_with_constant_loss(
    checkers: BothCheckers, honest: Callable[[], Forge]
) -> None:
    forge = honest()
    checkers.accepts(forge)
    losses = forge.losses()
    assert losses[0] == losses[1]
    assert any(kind == "exact" for kind, _ in forge.segments)


def test_no_identity_holds_through_a_rectifier_after_the_sums(checkers: BothCheckers) -> None:
    """The same matrices in class post: V_1 U_1 + V_2 U_2 is what it was, but negative coordinates are cut off."""
    forge = replace(stream(), kind="post")
    assert "which an exact segment may not" in checkers.refuses(forge)
    forge.segments[0] = ("exact", {})
    checkers.accepts(forge)


def test_the_barrier_of_a_rational_path_is_exactly_zero(checkers: BothCheckers) -> None:
    """And the label is needed: the same corners may not be called hidden."""
    report, _ = checkers.verdicts(parallel())
    assert report.verdict == "PROVED"
    assert report.to_json()["barrier"]["exact"] == "0/1"
    assert parallel().document()["rationals"]
    for kind in ("hidden", "general", "exact"):
        forge = parallel(kind=kind)
        forge.segments.insert(0, ("exact", {}))
        if kind == "exact":
            checkers.accepts(forge)
        else:
            assert f"called {kind} but has weights that are no floats" in checkers.refuses(forge)


@pytest.mark.parametrize("error", [Fraction(1, 10**12), Fraction(float(THIRD)) - THIRD])
def test_a_coefficient_off_by_little_is_refused(checkers: BothCheckers, error: Fraction) -> None:
    """1e-12, and what rounding 1/3 to a float makes of it."""
    for honest in (parallel, plain, stream):
        checkers.accepts(honest())
        assert "changes" in checkers.refuses(honest(THIRD + error))


def test_a_reader_left_out_is_refused(checkers: BothCheckers) -> None:
    """V hands over and A does not: the branch would lose a neuron when its slot is loaded; here at once."""
    checkers.accepts(parallel())
    forge = parallel()
    forge.segments[0] = ("exact", {"A": forge.segments[0][1]["A"], "V": ("all", [[1.0, 0.0]])})
    assert "what V reads" in checkers.refuses(forge)
    forge = parallel()
    forge.segments[0] = ("exact", {"V": forge.segments[0][1]["V"], "A": ("all", [[1.0, 0.0], [-1.0, 0.0]])})
    assert "what A reads" in checkers.refuses(forge)


def test_what_a_reader_reads_of_a_block_must_be_constant(checkers: BothCheckers) -> None:
    checkers.accepts(residual())
    assert "what V reads of U" in checkers.refuses(residual(U=3.0 + 2**-40))
    checkers.accepts(stream())
    assert "what blocks.1.A reads of blocks.0.U" in checkers.refuses(stream(later=Fraction(1, 2)))


def test_the_move_of_parallel_networks_is_refused_in_residual_ones(checkers: BothCheckers) -> None:
    """It keeps what V and A read of the first layer, and loses what the block writes to the neuron (f = 12)."""
    forge = residual()
    forge.segments = [("exact", {"V": ("all", [[3.0, 0.0]]), "A": ("all", [[3.0, 0.0]])})]
    assert "what V reads of U" in checkers.refuses(forge)


def test_a_sign_change_between_ends_that_agree_is_refused(checkers: BothCheckers) -> None:
    """w goes from 1 to -1: at x = 1 and x = -1 the readers see z = 1 and 1 at both ends, and 0 in the middle."""

    def turning(end: float, readers: list[float]) -> Forge:
        start = {"W": np.array([[1.0], [-1.0]]), "V": np.array([[1.0, 1.0]])}
        moves = {"W": ("all", [[end], [-end]]), "V": ("all", [readers])}
        return Forge("two-layer", 0, start, np.array([[1.0], [-1.0]]), np.array([[0.0], [0.0]]), [("exact", moves)])

    forge = turning(-1.0, [1.0, 1.0])
    assert forge.losses() == [1, 1]
    assert forge.loss_at(0, Fraction(1, 2)) == 0
    assert "changes the sign" in checkers.refuses(forge)
    checkers.accepts(turning(1.0, [1.0, 1.0]))


def test_ends_that_agree_are_not_enough_if_the_middle_differs(checkers: BothCheckers) -> None:
    """W and V trade places: V z is 2 at both ends and 9/4 between them."""
    start = {"W": np.array([[1.0]]), "V": np.array([[2.0]])}
    moves = {"W": ("all", [[2.0]]), "V": ("all", [[1.0]])}
    forge = Forge("two-layer", 0, start, np.array([[1.0]]), np.array([[2.0]]), [("exact", moves)])
    assert forge.losses() == [0, 0]
    assert forge.loss_at(0, Fraction(1, 2)) == Fraction(1, 16)
    assert "what V reads" in checkers.refuses(forge)
    forge.segments = [("exact", {"W": ("all", [[1.0]])})]
    checkers.accepts(forge)


def test_a_line_that_starts_level_is_refused_if_it_leaves_the_level(checkers: BothCheckers) -> None:
    """W from 1 to 1/2, V from 1 to 3/2: V z = 1 - t^2 / 4, with derivative 0 at t = 0."""
    start = {"W": np.array([[1.0]]), "V": np.array([[1.0]])}
    for end, right in ((0.5, False), (1.0, True)):
        moves = {"W": ("all", [[end]]), "V": ("all", [[2 - end]])}
        forge = Forge("two-layer", 0, start, np.array([[1.0]]), np.array([[2.0]]), [("exact", moves)])
        if right:
            checkers.accepts(forge)
        else:
            assert "what V reads" in checkers.refuses(forge)


def test_floats_among_the_rationals_are_refused(checkers: BothCheckers, tmp_path: Path) -> None:
    """The same path written in another way: there is one way only."""
    forge = residual()
    forge.segments.append(("readout", {"V": ("all", [[3.0, 1.0]])}))  # so that the end is one of floats either way
    data = forge.write_data(tmp_path / "data.npz")
    document, arrays = forge.document(), forge.arrays()
    for right in (True, False):
        cert = write_certificate(tmp_path / f"{right}.cert", document, arrays)
        assert (check(cert, str(data)).verdict == "PROVED") is right
        assert second_checker.check(cert.read_bytes(), forge.x, forge.y).accepted is right
        values = arrays.pop("segment.0000.V.npy", np.zeros((1, 2)))
        document["rationals"]["segment.0000.V"] = [f"{int(value)}/1" for value in values.ravel()]


def test_what_is_no_reader_may_not_move(checkers: BothCheckers) -> None:
    """U of a parallel network, and an output bias, even by amounts that no data shows."""
    forge = parallel()
    forge.segments[0][1]["U"] = ("all", [[1.0, 2.0]])
    assert "U moves" in checkers.refuses(forge)


def test_a_label_on_a_hidden_segment_that_moves_f_is_refused(checkers: BothCheckers) -> None:
    """V alone moves f: as a readout line it is accepted, as an exact segment refused."""
    start = {"W": np.array([[1.0]]), "V": np.array([[2.0]])}
    for kind, right in (("readout", True), ("hidden", True), ("exact", False)):
        segments = [(kind, {"V": ("all", [[1.0]])})]
        forge = Forge("two-layer", 0, start, np.array([[1.0]]), np.array([[2.0]]), segments)
        if right:
            checkers.accepts(forge)
        else:
            assert "what V reads" in checkers.refuses(forge)


def rewritten(checkers: BothCheckers, forge: Forge, change: Callable[[dict], object]) -> tuple[object, bool]:
    """The certificate with its document changed, or its bytes where json would mend it."""
    report, verdict = checkers.verdicts(forge, change)
    return report.refused, verdict.accepted


@pytest.mark.parametrize(
    "written",
    ["10/6", "+5/3", "5/0", "05/3", "5", "1.5", "NaN", "inf/1", "-0/1", "5/-3", " 5/3", "5/3\n", "٥/3", 5, None, "",
     "1/" + "3" * 50_000],
)  # fmt: skip
def test_only_canonical_rationals_are_read(checkers: BothCheckers, written: object) -> None:
    checkers.accepts(parallel(), put("rationals", "segment.0000.V", 0, "5/3"))
    reason, accepted = rewritten(checkers, parallel(), put("rationals", "segment.0000.V", 0, written))
    assert reason
    assert not accepted


def test_the_rationals_are_those_that_the_segments_call_for(checkers: BothCheckers) -> None:
    def moved_name(document: dict) -> None:
        document["rationals"]["segment.0007.V"] = ["1/3"]

    def start_too(document: dict) -> None:
        document["rationals"]["start.V"] = ["1/3", "1/1"]

    def one_more(document: dict) -> None:
        document["rationals"]["segment.0000.V"].append("1/3")

    def one_less(document: dict) -> None:
        document["rationals"]["segment.0000.V"].pop()

    def floats(document: dict) -> None:
        document["rationals"]["segment.0000.V"] = ["5/1", "0/1"]

    def none(document: dict) -> None:
        del document["rationals"]

    def older_format(document: dict) -> None:
        document["format"] = "skipscape certificate 3"

    def many(document: dict) -> None:
        document["rationals"]["segment.0000.V"] = ["1/3"] * 200_001

    for change in (moved_name, start_too, one_more, one_less, floats, none, older_format, many):
        reason, accepted = rewritten(checkers, parallel(), change)
        assert (bool(reason), accepted) == (True, False), change.__name__
    checkers.accepts(parallel())


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_older_format_is_refused_by_its_name(checkers: BothCheckers, number: int) -> None:
    older = f"skipscape certificate {number}"

    def renamed(document: dict) -> None:
        document["format"] = older
        del document["error_rate"]

    reason = checkers.refuses(two_layer(), renamed)
    assert f"format: '{older}' is an older format" in reason
    with pytest.raises(InputError, match=f"its format is '{older}'"):
        read_exact_path(checkers.folder / "path.cert")
    checkers.accepts(two_layer())


def test_a_path_may_not_end_at_rationals(checkers: BothCheckers) -> None:
    forge = parallel()
    forge.segments = forge.segments[:1]
    digest = forge.digest
    forge.digest = lambda weights: digest({name: np.asarray(array, dtype=float) for name, array in weights.items()})
    assert "no floats" in checkers.refuses(forge)


def test_slots_of_floats_over_rationals_stay_rationals(checkers: BothCheckers) -> None:
    """Only an array stored whole is one of floats again."""
    forge = two_layer()
    forge.segments[2] = ("readout", {"V": ([0, 1], [[0.0, 1.0]])})
    assert "no floats" in checkers.refuses(forge)
    checkers.accepts(two_layer())


def test_a_place_inside_a_segment_of_rationals_is_none(checkers: BothCheckers) -> None:
    """Even where a general segment elsewhere allows a place inside: the loss there is not asked for."""
    forge = two_layer()
    forge.segments.append(("general", {"V": ("all", [[0.0, 1.0]])}))
    forge.cuts = {}
    top = max(forge.losses())
    checkers.accepts(forge)
    forge.peak, forge.upper = (0, Fraction(1, 2)), top
    assert checkers.refuses(forge)


def test_a_document_written_twice_is_one_document(checkers: BothCheckers, tmp_path: Path) -> None:
    """The rationals are under the archive's digest like all else: a changed digit is damage."""
    forge = parallel()
    cert = forge.write(tmp_path / "whole.cert")
    data = forge.write_data(tmp_path / "data.npz")
    assert check(cert, str(data)).verdict == "PROVED"
    blob = cert.read_bytes()
    place = blob.index(b'"5/3"') + 1
    damaged = tmp_path / "damaged.cert"
    damaged.write_bytes(blob[:place] + b"7" + blob[place + 1 :])
    report = check(damaged, str(data))
    assert report.refused
    assert not second_checker.check(damaged.read_bytes(), forge.x, forge.y).accepted


def test_duplicate_rationals_are_not_canonical(checkers: BothCheckers, tmp_path: Path) -> None:
    forge = two_layer()
    document = copy.deepcopy(forge.document())
    whole = canonical(document)
    name = b'"segment.0000.V":'
    assert whole.count(name) == 1
    doubled = whole.replace(name, name + json.dumps(["1/3", "0/1"], separators=(",", ":")).encode() + b"," + name)
    entries = {key: npy(value) for key, value in forge.arrays().items()}
    data = forge.write_data(tmp_path / "data.npz")
    for blob, right in ((whole, True), (doubled, False)):
        cert = tmp_path / f"{right}.cert"
        cert.write_bytes(pack({**entries, "certificate.json": blob}))
        assert (check(cert, str(data)).verdict == "PROVED") is right
        assert second_checker.check(cert.read_bytes(), forge.x, forge.y).accepted is right
