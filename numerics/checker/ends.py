"""The ends of the path: their digests, the user's networks bit for bit, the two-layer reference."""

from collections import deque
from dataclasses import replace

import numpy as np

from .arrays import Array, Weights, is_rational, same_bits
from .claims import Document, ReferenceClaim
from .digests import network_digest
from .errors import Refused
from .graph import Graph
from .networks import Network
from .reader import Certificate
from .renaming import renamed
from .segments import corners
from .spaces import Space


def check_ends(certificate: Certificate, start: Network | None, end: Network | None) -> None:
    """Raise Refused unless both ends are what the certificate and the given networks say.

    For a depth certificate `end` is the two-layer reference, in the other case the network at the end of
    the path.
    """
    document = certificate.document
    space = document.space
    (last,) = deque(corners(certificate), maxlen=1)
    if any(map(is_rational, last.values())):
        raise Refused("the path ends at weights that are no floats: its end is no network that a file could hold")
    for name, weights, claim in (("start", certificate.start, document.start), ("end", last, document.end)):
        if network_digest(space.kind, space.bias, weights, space.graph) != claim.digest:
            raise Refused(f"the network at the {name} of the path does not have the digest that the certificate states")
    _require_own_space(document, start, end)
    if start is not None:
        _check_given("start", space, certificate.start, start)
    if document.reference is not None:
        reference = _reference_at(space, last, document.reference)
        if end is not None:
            _check_reference_given(space, reference, end)
    elif end is not None:
        if document.renamed is not None and end.space.shapes.items() <= space.shapes.items():
            end = replace(end, weights=renamed(end.space, end.weights, document.renamed))
        _check_given("end", space, last, end)


def _require_own_space(document: Document, start: Network | None, end: Network | None) -> None:
    """The parameters of the space are those of the given networks: what holds with a bias more need not hold without.

    A depth is one among networks with the start's parameters. Between two networks a bias may be absent from one. On a
    polygon (`certify`) networks in between may have what both ends lack. Raises Refused.
    """
    ends = [start] if document.is_about_depth else [start, end]
    given = [network for network in ends if network is not None]
    if document.question == "certify" or len(given) < len(ends):
        return
    named = {name for network in given for name in network.weights}
    lacking = "the given start has not" if document.is_about_depth else "neither given network has"
    for name in document.space.names:
        if document.space.optional(name) and name not in named:
            raise Refused(f"the certificate is about networks with {name}, which {lacking}")


def _check_given(which: str, space: Space, weights: Weights, given: Network) -> None:
    """The given network is the corner, bit for bit; optional biases that its file lacks count as +0.0."""
    if (given.space.kind, given.space.bias) != (space.kind, space.bias):
        raise Refused(
            f"the given {which} has class {given.space.kind} and bias {given.space.bias}, "
            f"but the certificate is about class {space.kind} and bias {space.bias}{_about_bias(space, given)}"
        )
    if space.graph is not None and given.space.graph is not None:
        _require_same_nodes(which, space.graph, given.space.graph)
    for name in sorted(set(given.weights) - set(weights)):
        raise Refused(f"the given {which} has {name}, which is no parameter of the certificate's networks")
    for name in space.names:
        if name not in given.weights and not space.optional(name):
            raise Refused(f"the given {which} has no {name}, a parameter of the certificate's networks")
        if not same_bits(weights[name], given.weights.get(name, np.zeros(space.shapes[name]))):
            hint = _about_bias(space, given) if name == "W" else ""
            raise Refused(f"the given {which} is not the {which} of the path: {name} differs{hint}")


def _require_same_nodes(which: str, graph: Graph, given: Graph) -> None:
    """The given network's nodes are the certificate's, field by field. Raises Refused."""
    if len(graph.nodes) != len(given.nodes):
        raise Refused(f"the given {which} has {len(given.nodes)} nodes, the certificate's graph {len(graph.nodes)}")
    for k, (mine, theirs) in enumerate(zip(graph.nodes, given.nodes, strict=True)):
        if mine != theirs:
            raise Refused(f"the given {which} is another graph than the certificate's: node {k} differs")


def _about_bias(space: Space, given: Network) -> str:
    """Where the given network does not take the data: what D has to do with the bias."""
    if given.space.inputs == space.inputs or given.space.graph is not None:
        return ""
    columns = given.space.inputs + given.space.bias
    return (
        f" (W has {columns} columns, the data {space.inputs}: with bias=1 the first layer sees (x, 1), D = n + 1, "
        f"with bias=0 x, D = n; bias is {given.space.bias})"
    )


def _reference_at(space: Space, end: Weights, claim: ReferenceClaim) -> Weights:
    """The reference that the end is made of, with or without c as its digest decides. Raises Refused."""
    slots = list(claim.slots)
    off = np.ones(space.slots, dtype=np.bool_)
    off[slots] = False
    if end["V"][:, off].any():
        raise Refused("the end is not the reference: V is not zero off the reference's slots")
    for prefix in space.blocks:
        if end[f"{prefix}U"].any():
            raise Refused(f"the end is not the reference: {prefix}U is not zero")
    plain: dict[str, Array] = {"W": end["W"][slots], "V": end["V"][:, slots]}
    candidates = [plain] if _absent(end) else []
    if "c" in end:
        candidates.append({**plain, "c": end["c"]})
    for weights in candidates:
        if network_digest("two-layer", space.bias, weights) == claim.digest:
            return weights
    raise Refused("the end is not the reference: what it has on the reference's slots has another digest")


def _absent(end: Weights) -> bool:
    """Whether a reference without c may have this end: c is absent or +0.0 throughout."""
    return "c" not in end or same_bits(end["c"], np.zeros(len(end["c"])))


def _check_reference_given(space: Space, reference: Weights, given: Network) -> None:
    """The given network is the reference, bit for bit."""
    if (given.space.kind, given.space.bias) != ("two-layer", space.bias):
        raise Refused(
            f"the given end has class {given.space.kind} and bias {given.space.bias}: "
            f"the end of a depth certificate is a two-layer reference with bias {space.bias}{_about_bias(space, given)}"
        )
    weights = dict(given.weights)
    if "c" not in space.names and "c" in weights and not weights["c"].any():
        del weights["c"]  # a zero output bias is none where the space has none
    same_names = set(weights) == set(reference)
    if not same_names or not all(same_bits(reference[name], weights[name]) for name in reference):
        raise Refused(f"the given end is not the two-layer reference of the certificate{_about_bias(space, given)}")
