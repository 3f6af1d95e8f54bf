"""Two networks and data by hand: what their losses and paths are can be worked out on paper."""

from typing import NamedTuple

import skipscape as sk


class Pair(NamedTuple):
    """Two networks `f(x) = x` for x > 0 whose neurons are swapped, and data on which their loss is 1/2."""

    a: sk.Network
    b: sk.Network
    data: sk.Data


def pair_by_hand() -> Pair:
    a = sk.Network.from_arrays("two-layer", {"W": [[1.0], [1.0]], "V": [[1.0, 0.0]]})
    b = sk.Network.from_arrays("two-layer", {"W": [[1.0], [1.0]], "V": [[0.0, 1.0]]})
    return Pair(a, b, sk.Data([[1.0], [2.0]], [[1.0], [1.0]]))
