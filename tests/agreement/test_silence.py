"""What may move silently: the rule in three codes on random sparse networks, and the outputs in fractions.

The finder carries marks forwards through its forward pass, the checker goes backwards for dead units and forwards for
empty coordinates, the second checker walks over a list of all edges until nothing changes.
"""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checker.check import check
from numerics.networks.base import Network
from numerics.networks.classes import network_of
from numerics.networks.silence import moves_silently
from support import second_checker
from support.certificates import Forge
from support.oracles import interpolate, outputs
from support.seeded_networks import parameters

CLASSES = ("two-layer", "parallel", "residual", "stream")
SEEDS = st.integers(0, 2**32 - 1)


def sparse(rng: np.random.Generator, kind: str) -> Network:
    """A small network with many zero weights, whole rows and columns of zeros among them."""
    bias, named = bool(rng.random() < 0.5), {}
    for name, array in parameters(rng, kind, False, "narrow", 1 + int(rng.random() < 0.5), 1).items():
        kept = array * (rng.random(array.shape) < rng.choice([0.3, 0.6, 1.0]))
        if rng.random() < 0.5:
            kept[rng.integers(0, len(kept))] = 0.0
        if array.ndim == 2 and rng.random() < 0.4:
            kept[:, rng.integers(0, array.shape[1])] = 0.0
        named[name] = kept
    if bias:
        named["W"] = np.hstack([named["W"], rng.integers(-2, 3, (len(named["W"]), 1)) / 4.0])
    return network_of(kind, named, bias=bias)


def moved(rng: np.random.Generator, network: Network) -> Network:
    """Weights that may move one at a time move together, and now and then one that may not, or one that dies."""
    arrays = {name: array.copy() for name, array in network.parameters().items()}
    alone, others = [], []
    for name, array in network.parameters().items():
        for index in np.ndindex(array.shape):
            there = array.copy()
            there[index] += 1.0
            (alone if moves_silently(network, network.replace({name: there})) else others).append((name, index))
    for name, index in alone:
        if rng.random() < 0.7:
            arrays[name][index] = rng.integers(-8, 9) / 4.0
    if others and rng.random() < 0.3:
        name, index = others[rng.integers(0, len(others))]
        arrays[name][index] = rng.choice([0.0, arrays[name][index] + 2.0**-1074])
    return network.replace(arrays)


@settings(max_examples=2 * settings.default.max_examples)
@given(SEEDS, st.sampled_from(CLASSES), st.fractions(0, 1, max_denominator=9))
def test_the_rule_is_the_same_in_three_codes_and_keeps_every_output(
    tmp_path_factory: pytest.TempPathFactory, seed: int, kind: str, t: Fraction
) -> None:
    """Accepted by all or by none; where accepted, the outputs at any time are those at the start, exactly."""
    rng = np.random.default_rng(seed)
    start = sparse(rng, kind)
    end = moved(rng, start)
    x, y = rng.integers(-4, 5, (3, start.inputs)) / 2.0, np.zeros((3, 1))
    silent = moves_silently(start, end)
    folder = tmp_path_factory.getbasetemp()
    report, verdict = hear(folder, start, end, x, y)
    assert (report.verdict == "PROVED", verdict.accepted) == (silent, silent), (report.refused, verdict.reason)
    if silent:
        weights = [
            interpolate(start.parameters(), end.parameters(), time) for time in (Fraction(0), t, Fraction(1, 2), 1)
        ]
        first, *later = (outputs(named, kind, int(start.bias), x) for named in weights)
        assert all(other == first for other in later)
    else:
        assert "called silent" in (report.refused or "")
        assert "a silent segment moves" in verdict.reason


def hear(folder: Path, start: Network, end: Network, x: np.ndarray, y: np.ndarray):
    """Both checkers on the one segment, called silent."""
    moves = {name: ("all", array) for name, array in end.parameters().items()}
    forge = Forge(start.kind, int(start.bias), start.parameters(), x, y, [("silent", moves)])
    cert, data = forge.write(folder / "path.cert"), forge.write_data(folder / "data.npz")
    return check(cert, str(data)), second_checker.check(cert.read_bytes(), x, y)
