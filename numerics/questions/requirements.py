"""What networks must have before a question is asked about them."""

from __future__ import annotations

from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.classes import HOLDING
from numerics.paths.question import Question


def require_fits(network: Network, problem: Problem) -> None:
    """Raise InputError unless the network takes the data's inputs and gives its number of outputs."""
    n, p = problem.X.shape[1], problem.Y.shape[1]
    if network.inputs != n:
        if not network.has_first_layer:
            raise InputError(f"the network has {network.inputs} inputs but the data {n} columns of X: give as many")
        raise InputError(
            f"the network has {network.inputs} inputs but the data {n} columns of X: they must be equal"
            f" (W has {network.W.shape[1]} columns, the data {n}: with bias=1 the first layer sees (x, 1), D = n + 1,"
            f" with bias=0 x, D = n; bias is {int(network.bias)})"
        )
    if network.outputs != p:
        raise InputError(f"the network has {network.outputs} outputs but the data {p} columns of Y: they must be equal")


def require_skip(question: Question, network: Network) -> None:
    """Raise InputError for a class without a skip connection, which is no two-layer network where every U is 0."""
    if (words := network.without_features) is not None:
        raise InputError(
            f"{question} is about the features of a first layer: {words}; certify and connect take any graph"
        )
    if network.kind not in HOLDING:
        raise InputError(
            f"class {network.kind} has no skip connection, which is what {question} is about:"
            f" certify and connect take it, {question} takes {', '.join(HOLDING)}"
        )
