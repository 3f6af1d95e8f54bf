"""Hidden units renamed: a certificate may say that its path ends at the given network with its units in another order.

Every output stays the same real number: the rows that enter a layer, its biases and the columns that read it are put in
one and the same order. The checker applies the orders to the given network by itself.
"""

from collections.abc import Mapping

import numpy as np

from .arrays import Weights
from .spaces import Space

Orders = Mapping[str, tuple[int, ...]]
"""Layer, by the parameter that enters it -> order: unit j is the given network's unit `order[j]`."""
Place = tuple[str, int]


def layers(space: Space) -> dict[str, tuple[Place, ...]]:
    """Every hidden layer: the parameters and axes along which its units are numbered.

    What blocks write into are the units of the first layer.
    """
    first: list[Place] = [("W", 0)]
    if "V" in space.shapes:
        first.append(("V", 1))
    inner: dict[str, tuple[Place, ...]] = {}
    for prefix in space.blocks:
        first.append((f"{prefix}A", 1))
        if space.residual:
            first.append((f"{prefix}U", 0))
        count = space.inner_layers(prefix)
        names = [("A", "a"), *((f"B{k}", f"b{k}") for k in range(1, count + 1))]
        above = [*(matrix for matrix, _ in names[1:]), "U"]
        for (matrix, bias), reader in zip(names, above, strict=True):
            inner[f"{prefix}{matrix}"] = (
                (f"{prefix}{matrix}", 0),
                (f"{prefix}{bias}", 0),
                (f"{prefix}{reader}", 1),
            )
    return {"W": tuple(first), **inner}


def renamed(space: Space, weights: Weights, orders: Orders) -> Weights:
    """The weights, of this space, with the units of these layers in their new order; biases may be absent."""
    found = dict(weights)
    for layer, order in orders.items():
        for name, axis in layers(space)[layer]:
            if name in found:
                found[name] = np.take(found[name], order, axis=axis)
    return found
