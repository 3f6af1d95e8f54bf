"""The forward pass of every class, written once for every arithmetic that the checker has."""

from typing import Protocol, TypeVar

from .spaces import Space

H = TypeVar("H")


class Arithmetic(Protocol[H]):
    """What a forward pass asks for; an `H` is whatever is known of a layer."""

    def first(self) -> H:
        """The first layer's pre-activations."""

    def affine(self, layer: H, matrix: str, bias: str | None) -> H:
        """The parameter `matrix` times the layer, plus the parameter `bias` if there is one of that name."""

    def plus(self, one: H, other: H) -> H:
        """The sum of two layers."""

    def relu(self, layer: H) -> H:
        """[.]_+."""


def outputs(space: Space, arithmetic: Arithmetic[H]) -> H:
    """f at all samples that `arithmetic` knows of."""
    layer = arithmetic.relu(arithmetic.first())
    if space.kind == "plain":
        return arithmetic.affine(_hidden(space, arithmetic, layer, ""), "U", "c")
    if space.kind == "parallel":
        branch = arithmetic.affine(_hidden(space, arithmetic, layer, ""), "U", None)
        return arithmetic.plus(arithmetic.affine(layer, "V", "c"), branch)
    for prefix in space.blocks if space.residual else ():
        branch = arithmetic.affine(_hidden(space, arithmetic, layer, prefix), f"{prefix}U", None)
        layer = arithmetic.plus(layer, branch)
        layer = arithmetic.relu(layer) if space.rectified else layer
    return arithmetic.affine(layer, "V", "c")


def _hidden(space: Space, arithmetic: Arithmetic[H], layer: H, prefix: str) -> H:
    """The branch's last hidden layer."""
    layer = arithmetic.relu(arithmetic.affine(layer, f"{prefix}A", f"{prefix}a"))
    for k in range(1, space.inner_layers(prefix) + 1):
        layer = arithmetic.relu(arithmetic.affine(layer, f"{prefix}B{k}", f"{prefix}b{k}"))
    return layer
