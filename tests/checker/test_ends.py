"""The ends: networks given by the user bit for bit, and the two-layer reference of a depth certificate."""

import numpy as np
import pytest

from numerics.checker.arrays import same_bits
from support import second_checker
from support.certificates import Forge, network_digest, write_network


@pytest.fixture
def nets(tmp_path, honest):
    """Files of the honest path's ends; a function writes a variant of one of them."""

    def write(name, corner, kind="parallel", bias=1, without=(), **changes):
        weights = {key: value for key, value in (corner | changes).items() if key not in without}
        return write_network(tmp_path / f"{name}.npz", kind, bias, weights)

    return write


def test_the_ends_are_the_given_networks(verify, honest, nets):
    first, *_, last = honest.corners()
    report = verify(honest, start=nets("a", first), end=nets("b", last))
    assert report.verdict == "PROVED"
    assert report.to_json()["ends_given"] == {"start": True, "end": True}
    assert report.claim.endswith("start and end joined")
    assert verify(honest, start=nets("a", first)).claim.endswith(
        "start and end joined; end as stored, no network given"
    )


def test_swapped_ends_are_refused(refused, honest, nets):
    first, *_, last = honest.corners()
    refused("the given start is not the start", honest, start=nets("a", last))
    refused("the given end is not the end", honest, end=nets("b", first))


@pytest.mark.parametrize("name", ["W", "V", "A", "a", "B1", "U", "c"])
def test_one_bit_makes_another_network(refused, honest, nets, name):
    first = honest.corners()[0]
    changed = np.array(first[name])
    changed.flat[0] = np.nextafter(changed.flat[0], 9)
    refused(f"{name} differs", honest, start=nets("a", first, **{name: changed}))


def test_the_sign_of_zero_is_a_bit(refused, honest, nets):
    first = honest.corners()[0]
    refused("V differs", honest, start=nets("a", first, V=np.array([[1.0, -2.0, -0.0, 0.0]])))


def test_absent_biases_count_as_positive_zeros(verify, refused, honest, nets):
    last = honest.corners()[-1]
    assert last["c"].tolist() == [0.0]
    assert verify(honest, end=nets("b", last, without=["c"])).verdict == "PROVED"
    refused("a differs", honest, end=nets("b", last, without=["a"]))
    honest.segments.append(("readout", {"c": ("all", [-0.0])}))
    refused("c differs", honest, end=nets("b", last, without=["c"]))


def test_a_network_of_another_space_is_refused(refused, honest, nets):
    first = honest.corners()[0]
    refused("bias 0", honest, start=nets("a", first, bias=0))
    two_layer = {name: first[name] for name in "WVc"}
    refused("class two-layer", honest, start=nets("a", two_layer, kind="two-layer"))
    refused("has b1, which is no parameter", honest, start=nets("a", first, b1=np.zeros(1)))
    refused("has no B1", honest, start=nets("a", first, without=["B1"], U=np.ones((1, 2))))
    wider = {"W": np.ones((5, 3)), "V": np.ones((1, 5)), "A": np.ones((2, 5))}
    refused("A differs", honest, start=nets("a", first, **wider))


def test_a_network_for_other_data_is_told_what_its_columns_have_to_do_with_the_bias(refused, honest, nets):
    """Where W has a column too many, whether the bias is the certificate's or not; nowhere else."""
    first = honest.corners()[0]
    hint = "(W has 4 columns, the data 2: with bias=1 the first layer sees (x, 1), D = n + 1, with bias=0 x, D = n;"
    hint += " bias is"
    refused(f"W differs {hint} 1)", honest, start=nets("a", first, W=np.ones((4, 4))))
    refused(f"and bias 1 {hint} 0)", honest, start=nets("a", first, W=np.ones((4, 4)), bias=0))


def test_float32_networks_are_compared_exactly(verify, honest, nets):
    first = honest.corners()[0]
    single = {name: array.astype(np.float32) for name, array in first.items()}
    assert verify(honest, start=nets("a", single)).verdict == "PROVED"


def test_equal_bits_need_equal_shapes():
    assert same_bits(np.zeros((2, 3)), np.zeros((2, 3)))
    assert not same_bits(np.zeros((2, 3)), np.zeros((3, 2)))
    assert not same_bits(np.zeros(2), -np.zeros(2))


@pytest.mark.parametrize("which", ["start", "end"])
def test_forged_digests_of_the_ends_are_refused(refused, honest, which):
    refused(f"the {which} of the path", honest, lambda document: document[which].update(digest="0" * 64))


@pytest.fixture
def depth(honest) -> Forge:
    """The honest path ends in a reference with two neurons on slots 3 and 2, in this order."""
    honest.segments[-1] = ("readout", {"V": ("all", [[0.0, 0.0, 1.0, 0.25]])})
    honest.question, honest.slots = "depth", [3, 2]
    losses = honest.losses()
    assert losses[-1] < losses[0]
    return honest


@pytest.mark.parametrize("has_c", [False, True])
def test_a_depth_certificate_ends_in_its_reference(verify, depth, nets, has_c):
    depth.reference_has_c = has_c
    assert verify(depth).verdict == "PROVED"
    reference = nets("r", depth.reference(), kind="two-layer")
    report = verify(depth, end=reference)
    assert report.verdict == "PROVED"
    assert report.claim.startswith(
        "depth <= 0: a path to the two-layer reference on which the squared loss never exceeds"
    )
    assert report.to_json()["depth"] == {"lower": "0", "upper": "0", "exact": "0/1"}
    with np.load(reference) as arrays:
        assert arrays["W"].tolist() == [[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]]


def test_the_given_reference_must_be_the_one_claimed(refused, depth, nets):
    reference = depth.reference()
    other = nets("r", reference, kind="two-layer", c=np.zeros(1))
    refused("not the two-layer reference", depth, end=other)
    order = {"W": reference["W"][::-1], "V": reference["V"][:, ::-1]}
    refused("not the two-layer reference", depth, end=nets("r", order, kind="two-layer"))
    refused("class parallel", depth, end=nets("r", depth.corners()[-1]))
    refused("bias 0", depth, end=nets("r", reference, kind="two-layer", bias=0))


def test_a_reference_with_c_needs_its_c(verify, refused, depth):
    depth.segments.append(("readout", {"c": ("all", [0.25])}))
    depth.reference_has_c = True
    assert verify(depth).verdict == "PROVED"
    depth.reference_has_c = False
    refused("another digest", depth)


def test_the_reference_is_alone_on_its_slots(refused, depth):
    depth.segments.append(("readout", {"V": ("all", [[0.0, 5e-324, 1.0, 0.25]])}))
    refused("V is not zero off", depth)
    depth.segments[-1] = ("readout", {"U": ("all", [[5e-324]])})
    refused("U is not zero", depth)


def test_zero_off_the_slots_may_be_negative(verify, depth):
    depth.segments.append(("readout", {"V": ("all", [[0.0, -0.0, 1.0, 0.25]]), "U": ("all", [[-0.0]])}))
    assert verify(depth).verdict == "PROVED"


@pytest.mark.parametrize("slots", [[2, 3], [3], [2], [0, 2], [3, 2, 1]])
def test_other_slots_are_refused(refused, depth, slots):
    refused("", depth, lambda document: document["reference"].update(slots=slots))


@pytest.mark.parametrize(
    ("slots", "reason"),
    [
        ([3, 3], "distinct"),
        ([], "non-empty"),
        ([4], "from 0 to 3"),
        ([-1], "from 0"),
        ([True], "integer"),
        (None, "list"),
    ],
)
def test_malformed_slots_are_refused(refused, depth, slots, reason):
    refused(reason, depth, lambda document: document["reference"].update(slots=slots))


def test_a_reference_of_another_digest_is_refused(refused, depth):
    refused("another digest", depth, lambda document: document["reference"].update(digest="0" * 64))
    zeros = depth.reference() | {"V": np.zeros((1, 2))}
    forged = network_digest("two-layer", 1, zeros)
    refused("another digest", depth, lambda document: document["reference"].update(digest=forged))


def test_depth_needs_a_reference_and_a_better_end(verify, refused, depth):
    refused("reference", depth, lambda document: document.update(reference=None))
    depth.y = depth.y + 100.0
    depth.y[0, 0] = -50.0
    assert depth.losses()[-1] > depth.losses()[0]
    refused("not below the loss of its start", depth)


def test_an_end_as_bad_as_the_start_bounds_no_depth(refused, depth):
    last = depth.corners()[-1]
    depth.start = {name: np.array(array, dtype=float) for name, array in last.items()}
    depth.segments = [("silent", {"W": ([0], [[9.0, 9.0, 9.0]])})]
    assert depth.losses()[-1] == depth.losses()[0]
    refused("not below the loss of its start", depth)


def test_a_depth_is_one_among_networks_with_the_starts_own_parameters(tmp_path, verify, refused):
    """Once accepted: for one file the depth exactly 1/2 and, with a `c` that it has not, the depth 0."""
    x, y = np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]])
    plain = {"W": np.array([[1.0], [-1.0]]), "A": np.array([[1.0, 0.0]]), "U": np.array([[1.0]])}
    over = [("readout", {"U": ("all", [[0.0]])}), ("silent", {"A": ("all", [[0.0, 1.0]])})]
    over.append(("readout", {"U": ("all", [[-2.0]])}))
    valley = Forge("plain", 0, plain, x, y, over, question="valley")
    escape = Forge("plain", 0, plain | {"c": np.zeros(1)}, x, y, [("readout", {"c": ("all", [-0.25])})])
    escape.question = "escape"
    file = write_network(tmp_path / "start.npz", "plain", 0, plain)
    assert verify(valley, start=file).to_json()["depth"]["exact"] == "1/2"
    refused("networks with c, which the given start has not", escape, start=file)
    assert verify(escape).verdict == "PROVED"
    with_c = write_network(tmp_path / "with_c.npz", "plain", 0, plain | {"c": np.zeros(1)})
    assert verify(escape, start=with_c).verdict == "PROVED"
    verdict = second_checker.check(
        escape.write(tmp_path / "e.cert").read_bytes(), x, y, start={"class": "plain", "bias": 0, "parameters": plain}
    )
    assert (verdict.accepted, verdict.reason) == (False, "ends: a bias that none has")


def test_a_bias_of_the_path_is_one_of_its_ends(tmp_path, verify, refused):
    """Joined by a path among networks with a `c` that neither file has: joined in another space than theirs."""
    first, last = ({"W": np.array([[1.0]]), "V": np.array([[v]])} for v in (1.0, 2.0))
    path = Forge("two-layer", 0, first | {"c": np.zeros(1)}, np.ones((1, 1)), np.ones((1, 1)), [])
    path.segments.append(("readout", {"V": ("all", last["V"])}))
    start, end = (
        write_network(tmp_path / name, "two-layer", 0, weights) for name, weights in (("a.npz", first), ("b.npz", last))
    )
    with_c = write_network(tmp_path / "with_c.npz", "two-layer", 0, last | {"c": np.zeros(1)})
    refused("networks with c, which neither given network has", path, start=start, end=end)
    assert verify(path, start=start, end=with_c).verdict == "PROVED"
    path.question = "certify"  # a polygon may pass networks that have what both ends lack
    assert verify(path, start=start, end=end).verdict == "PROVED"
