"""How often a route through the network meets a weight that moves: the graph behind the kind *hidden*.

A route leads from a source, an entry of `x` or the constant 1 of a bias, to an output, and passes one entry of each
matrix or bias on its way. On a segment, `f` restricted to one pattern of active units is a sum over routes of products
of weights, so a polynomial in `t` whose degree is at most the largest number of moving parameters on one route. If that
is 1, every pre-activation is continuous and piecewise **linear** in `t`: the rule for *hidden* (blueprint section 4).

What may move together, by class (a set is allowed if no route meets two of its members):

| class | on one route, in this order | so allowed is, for instance |
| --- | --- | --- |
| TWO-LAYER | `W V`; `c` | `W c`; `V c` |
| PARALLEL | `W V`; `W A B1 ... U`; `a B1 ... U`; `b1 B2 ... U`; ...; `c` | `W a b1 c`; `V A a`; `V B1 b1 c`; `V U c` |
| RESIDUAL | `W V`; `W A B1 ... U V`; `a B1 ... U V`; ...; `c` | `W a b1 c`; `A a b1`; `B1 b1 c`; `U c`; `V c` |
| STREAM | as RESIDUAL; a route leaves a block and enters later ones | `W`; one matrix of one block and later biases |
| POST | as STREAM |
| PLAIN | `W A B1 ... U`; `a B1 ... U`; ...; `c` | `W a b1 c`; `A a b1`; `U c` |

A bias begins its own routes, so it may move with every matrix that does not come after it, its own layer's among them.
All biases together may move.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from numerics.networks.forward import outputs_from


class _Degrees:
    """The arithmetic of `networks.forward` on the largest number of moving weights on a route to a layer."""

    def affine(self, h: int, weight: bool, bias: bool | None) -> int:
        return max(h + weight, int(bool(bias)))

    def plus(self, left: int, right: int) -> int:
        return max(left, right)

    def relu(self, h: int) -> int:
        return h


def degree(kind: str, names: Iterable[str], moved: Collection[str]) -> int:
    """The largest number of parameters in `moved` on one route of a network of class `kind` with parameters `names`."""
    weights = {name: name in moved for name in names}
    return outputs_from(kind, weights, int(weights["W"]), _Degrees())
