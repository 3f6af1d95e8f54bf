"""The paths of R0, R6 and T6 walked on small PARALLEL networks with a two-layer branch, in Fractions.

Samples can only refute: every sampled loss must be at most the level that theory states, which a corner must
attain. The networks are written out here from the blueprint; only the level comes from theory.
"""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from support.oracles import exact_loss, interpolate
from theory.corners import highest
from theory.statements import refit, zero

F = Fraction
TIMES = (F(1, 7), F(1, 2), F(4, 5))
few = settings(max_examples=25, deadline=None)


def matrix(rows, columns):
    row = st.lists(st.integers(-3, 3), min_size=columns, max_size=columns)
    return st.lists(row, min_size=rows, max_size=rows) if rows else row


def networks(width):
    return st.fixed_dictionaries(
        {
            "W": matrix(width, 2),
            "V": matrix(1, width),
            "A": matrix(2, width),
            "a": matrix(0, 2),
            "B1": matrix(2, 2),
            "b1": matrix(0, 2),
            "U": matrix(1, 2),
            "c": matrix(0, 1),
        }
    )


data = st.integers(1, 3).flatmap(lambda points: st.tuples(matrix(points, 1), matrix(points, 1)))
SILENT_BRANCH = {"U": [[0, 0]]}


def loss_of(network, points):
    return exact_loss(network, "parallel", 1, *points)


def rows(new, old, slots):
    """`old` with the rows in `slots` taken from `new`."""
    return [new[j] if j in slots else old[j] for j in range(len(old))]


def on(slots, V):
    """V with zeros outside `slots`."""
    return [[v if j in slots else 0 for j, v in enumerate(V[0])]]


def check(corners, points, level):
    losses = [loss_of(corner, points) for corner in corners]
    assert max(losses) == level
    for start, end in pairwise(corners):
        assert all(loss_of(interpolate(start, end, t), points) <= level for t in TIMES)
    return losses


@few
@given(networks(3), networks(3), data)
def test_zero_path(theta, target, points):
    """R0 with an output bias; the reference sits on slot 0, the branch's inner weights move freely."""
    Y = [row[0] for row in points[1]]
    L_0 = zero.zero_loss(len(Y), sum(y * y for y in Y), [sum(Y)], output_bias=True)
    at_zero = theta | SILENT_BRANCH | {"V": [[0, 0, 0]], "c": [F(sum(Y), len(Y))]}
    loaded = target | SILENT_BRANCH | {"V": at_zero["V"], "c": at_zero["c"]}
    reference = target | SILENT_BRANCH | {"V": on({0}, target["V"])}
    level = zero.level(loss_of(theta, points), loss_of(reference, points), L_0)
    losses = check([theta, at_zero, loaded, reference], points, level)
    assert losses[1] == losses[2] == L_0


@few
@given(networks(3), networks(3), data)
def test_zero_path_between_two_networks_of_one_class(theta, other, points):
    """R0's note: any network in place of the two-layer reference, its own branch included."""
    Y = [row[0] for row in points[1]]
    L_0 = zero.zero_loss(len(Y), sum(y * y for y in Y), [sum(Y)], output_bias=False)
    zeros = SILENT_BRANCH | {"V": [[0, 0, 0]], "c": [0]}
    level = zero.level(loss_of(theta, points), loss_of(other, points), L_0)
    check([theta, theta | zeros, other | zeros, other], points, level)


@few
@given(networks(3), networks(3), matrix(1, 3), data)
def test_refit_path(theta, target, fit, points):
    """R6 with J = {0} and any fit on the features that stay, not only the best."""
    refitted = theta | SILENT_BRANCH | {"V": on({1, 2}, fit)}
    loaded = refitted | {"W": rows(target["W"], theta["W"], {0})}
    reference = loaded | {"V": on({0}, target["V"]), "c": target["c"]}
    level = refit.level(*(loss_of(corner, points) for corner in (theta, refitted, reference)))
    check([theta, refitted, loaded, reference], points, level)


@few
@given(networks(4), networks(4), matrix(1, 4), data)
def test_bridge_path(left, right, fit, points):
    """T6, half and half: slots 0, 1 keep features of the left network, 2, 3 take those of the right one."""
    fit_left = left | SILENT_BRANCH | {"V": on({0, 1}, fit)}
    mixed = fit_left | {"W": rows(right["W"], left["W"], {2, 3})}
    fit_right = mixed | {"V": on({2, 3}, fit), "c": right["c"]}
    all_right = right | SILENT_BRANCH | {"V": fit_right["V"]}
    corners = [left, fit_left, mixed, fit_right, all_right, right]
    losses = check(corners, points, highest([loss_of(corner, points) for corner in corners]))
    assert losses[1] == losses[2]
    assert losses[3] == losses[4]


def test_loading_before_the_branch_is_silent_breaks_the_level():
    """A planted error: V_j = 0 alone hides nothing while the branch still reads the neuron and U is not 0."""
    points = ([[1]], [[2]])
    theta = {"W": [[1]], "V": [[0]], "A": [[1]], "U": [[2]]}
    loaded = theta | {"W": [[5]]}
    end = loaded | {"V": [[F(2, 5)]], "U": [[0]]}
    losses = [exact_loss(corner, "parallel", 0, *points) for corner in (theta, loaded, end)]
    assert losses == [0, 64, 0]
    assert losses[1] > refit.level(losses[0], 4, losses[2])
