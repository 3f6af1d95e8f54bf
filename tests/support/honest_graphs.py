"""Small random paths between graphs that are what they claim: lines, arcs, readouts, and what a route found."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.random import Generator

from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.graph import Graph
from numerics.networks.graph.text import parsed
from numerics.questions import search
from support import graph_oracle
from support.certificates import Moves, Weights
from support.graph_certificates import GraphForge, Rows, node
from support.loss_oracles import LABELS, LOSSES
from support.loss_segments import targets_of

EIGHTHS = [Fraction(i, 8) for i in range(9)]


def honest_graph(question: str, rng: Generator) -> GraphForge:
    """A true path for `connect` or `certify`; what the checkers make of it is theirs to say."""
    loss = str(rng.choice(LOSSES))
    p = int(rng.integers(2, 4)) if loss in LABELS else int(rng.integers(1, 3))
    if question == "connect" and rng.random() < 0.15:
        return by_route(rng, loss, p)
    draft = SHAPES[int(rng.integers(0, len(SHAPES)))](rng)
    draft.put("linear", weight=draft.parameter(p, draft.entries), bias=draft.bias(p))
    start, end = draft.weights(), draft.weights()
    samples = int(rng.integers(1, 3))
    x = values(rng, samples, draft.inputs)
    forge = GraphForge("graph", 0, start, x, targets_of(loss, samples, p, rng), nodes=draft.nodes, loss=loss)
    forge.question = question
    if question == "connect":
        forge = _through_zero(forge, end, rng)
    else:
        for _ in range(int(rng.integers(1, 3))):
            forge = _onwards(forge, draft.weights(), rng)
    if loss in LABELS and rng.random() < 0.5:
        forge.error_rate = Fraction(int(rng.integers(1, 3)), 2)
    return bounded(forge, rng)


def values(rng: Generator, *shape: int) -> np.ndarray:
    """Multiples of 1/2 between -2 and 2, now and then of 1/64."""
    step = 2 if rng.random() < 0.8 else 64
    return np.asarray(rng.integers(-2 * step, 2 * step + 1, shape) / step)


def bounded(forge: GraphForge, rng: Generator) -> GraphForge:
    """With a bound above what it attains, some cuts, and a place of its highest known loss."""
    if all(kind in ("readout", "silent") for kind, _ in forge.segments):
        return forge
    places = [(k, t) for k in range(len(forge.segments)) for t in EIGHTHS]
    losses = {place: forge.loss_at(*place) for place in places}
    peak = max(losses, key=losses.__getitem__)
    cuts = {k: [t for t in EIGHTHS[1:-1] if rng.random() < 0.5] for k in range(len(forge.segments))}
    slack = Fraction(1, int(rng.choice([1, 2, 4, 8])))
    return replace(forge, peak=peak, upper=losses[peak] + slack * (losses[peak] + 1), cuts=cuts)


# Paths


def _onwards(forge: GraphForge, after: Weights, rng: Generator) -> GraphForge:
    """One segment more: a line, an arc, a readout, or one on which nothing moves."""
    k, chance = len(forge.segments), rng.random()
    if chance < 0.1:
        return _with(forge, "silent", {})
    if chance < 0.2:
        return _with(forge, "readout", {name: ("all", after[name]) for name in head_of(forge) if rng.random() < 0.8})
    here = forge.corners()[-1]
    moved = {name: ("all", near(rng, here[name], array)) for name, array in after.items() if rng.random() < 0.6}
    if chance < 0.6:
        return _with(forge, "general", moved)
    found = _with(forge, "curve", moved)
    control = {name: near(rng, here[name], values(rng, *np.shape(here[name]))) for name in moved}
    return replace(found, controls={**forge.controls, k: control})


def near(rng: Generator, here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """The other array, or one that is half or an eighth as far away."""
    return np.asarray(here + (there - here) * float(rng.choice([1.0, 0.5, 0.125])))


def _through_zero(forge: GraphForge, end: Weights, rng: Generator) -> GraphForge:
    """The readout to zero, all else to the end's, the readout to the end's: what the zero path does."""
    head = head_of(forge)
    rest = {name: ("all", array) for name, array in end.items() if name not in head}
    zero = {name: ("all", np.zeros_like(end[name])) for name in head}
    kind = "curve" if rng.random() < 0.3 else "general"
    found = _with(_with(forge, "readout", zero), kind, rest)
    if kind == "curve":
        found.controls = {1: {name: values(rng, *np.shape(end[name])) for name in rest}}
    return _with(found, "readout", {name: ("all", end[name]) for name in head})


def _with(forge: GraphForge, kind: str, moves: Moves) -> GraphForge:
    return replace(forge, segments=[*forge.segments, (kind, moves)])


def head_of(forge: GraphForge) -> list[str]:
    """The parameters of the last node."""
    return [name for name in (forge.nodes[-1]["weight"], forge.nodes[-1]["bias"]) if name is not None]


def by_route(rng: Generator, loss: str, p: int) -> GraphForge:
    """What `connect` finds through half of every layer's channels, or through zero, with a bound that leaves room."""
    draft = convolution(rng, plain=True) if rng.random() < 0.5 else chain(rng)
    draft.put("linear", weight=draft.parameter(p, draft.entries), bias=draft.bias(p))
    samples = int(rng.integers(1, 3))
    data = Data(values(rng, samples, draft.inputs), targets_of(loss, samples, p, rng))
    start, end = (Graph(parsed(json.dumps(draft.nodes)), draft.weights()) for _ in range(2))
    found = search.connect(start, end, Problem(data, loss=loss_named(loss)), route="half-channels")
    with zipfile.ZipFile(io.BytesIO(found.certificate(None))) as archive:
        document = json.loads(archive.read("certificate.json"))
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        arrays = {name: np.load(io.BytesIO(archive.read(name))) for name in names}
    return bounded(graph_path(document, arrays, data.X, data.Y), rng)


def graph_path(document: dict[str, Any], arrays: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> GraphForge:
    """The path that a file defines; raises whatever happens where it defines none."""
    names = sorted(document["network"]["shapes"])
    stored = {name: f"p{k:04d}" for k, name in enumerate(names)}
    forge = GraphForge(
        "graph",
        document["network"]["bias"],
        {name: arrays[f"start.{stored[name]}.npy"] for name in names},
        x,
        y,
        question=document["question"],
        loss=document["loss"],
        nodes=document["network"]["nodes"],
    )
    for k, segment in enumerate(document["segments"]):
        moves = segment["moves"]
        if set(moves.values()) - {"all"}:
            raise ValueError("a graph has no slots")
        forge.segments.append(
            (segment["kind"], {name: ("all", arrays[f"segment.{k:04d}.{stored[name]}.npy"]) for name in moves})
        )
        if segment["kind"] == "curve":
            forge.controls[k] = {name: arrays[f"control.{k:04d}.{stored[name]}.npy"] for name in moves}
    return forge


# Graphs


@dataclass
class Draft:
    """A graph on its way: every node reads the last one unless it says otherwise."""

    rng: Generator
    size: list[int]
    nodes: Rows = field(default_factory=list)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes.append(node("input", "x", size=self.size))

    @property
    def last(self) -> str:
        """The last node's name."""
        return str(self.nodes[-1]["name"])

    @property
    def inputs(self) -> int:
        """Entries of x."""
        return int(np.prod(self.size))

    @property
    def entries(self) -> int:
        """Entries of the last node's value."""
        graph = SimpleNamespace(
            nodes=[SimpleNamespace(**row) for row in self.nodes],
            arrays={name: np.zeros(shape) for name, shape in self.shapes.items()},
        )
        return len(graph_oracle.outputs(graph, np.zeros(self.inputs)))

    def put(self, op: str, *others: str, reads: str | None = None, **fields: Any) -> str:
        """One more node, and its name."""
        name = f"{op}.{len(self.nodes)}"
        self.nodes.append(node(op, name, reads or self.last, *others, **fields))
        return name

    def parameter(self, *shape: int) -> str:
        """A parameter of this shape, and its name; names are in no order."""
        name = f"{self.rng.choice(['a', 'w', 'é'])!s}{len(self.shapes)}"
        self.shapes[name] = shape
        return name

    def bias(self, size: int) -> str | None:
        """A bias, or none."""
        return self.parameter(size) if self.rng.random() < 0.5 else None

    def weights(self) -> Weights:
        """Values of all parameters."""
        return {name: values(self.rng, *shape) for name, shape in self.shapes.items()}

    def window(self, image: tuple[int, int], *, pools: bool = False) -> dict[str, Any]:
        """Kernel, stride, padding and dilation that fit."""
        rng = self.rng
        kernel = [min(size, int(rng.choice([1, 2, 2, 3]))) for size in image]
        dilation = [1, 1]
        if not pools and rng.random() < 0.3:
            dilation = [2 if (size - 1) * 2 < room else 1 for size, room in zip(kernel, image, strict=True)]
        most = [min(1, kernel[k % 2] - 1) if pools else 1 for k in range(4)]
        padding = [int(rng.integers(0, limit + 1)) if rng.random() < 0.6 else 0 for limit in most]
        return {
            "kernel": kernel,
            "stride": [int(rng.integers(1, 4)) for _ in image],
            "padding": padding,
            "dilation": dilation,
        }


def chain(rng: Generator) -> Draft:
    """Linear maps with ReLUs between."""
    draft = Draft(rng, [int(rng.integers(1, 3))])
    for _ in range(int(rng.integers(1, 3))):
        draft.put("linear", weight=draft.parameter(2, draft.entries), bias=draft.bias(2))
        draft.put("relu")
    return draft


def residual(rng: Generator) -> Draft:
    """A block beside the identity, the ReLU before the sum or after it."""
    draft = Draft(rng, [2])
    first = draft.put("linear", weight=draft.parameter(2, 2), bias=draft.bias(2))
    draft.put("relu")
    draft.put("linear", weight=draft.parameter(2, 2), bias=draft.bias(2))
    draft.put("add", str(rng.choice([first, "x"])))
    if rng.random() < 0.6:
        draft.put("relu")
    return draft


def image(rng: Generator) -> Draft:
    """One channel or two of up to 4 x 3."""
    return Draft(rng, [int(rng.integers(1, 3)), int(rng.integers(3, 5)), int(rng.integers(2, 4))])


def convolution(rng: Generator, *, plain: bool = False) -> Draft:
    """A convolution of any geometry, perhaps in groups, a ReLU, and what comes after; `plain`: in one group."""
    draft = image(rng)
    _, height, width = draft.size
    _convolved(draft, (height, width), groups=not plain)
    draft.put("relu")
    if rng.random() < 0.5:
        draft.put("global_average_pool")
    draft.put("flatten")
    return draft


def _convolved(draft: Draft, size: tuple[int, int], *, groups: bool = True) -> str:
    channels = draft.size[0]
    parts = channels if groups and draft.rng.random() < 0.5 else 1
    form = draft.window(size)
    weight = draft.parameter(2, channels // parts, *form["kernel"])
    return draft.put("conv2d", weight=weight, bias=draft.bias(2), groups=parts, **form)


def pooled(rng: Generator) -> Draft:
    """A maximum or a mean over windows, behind a convolution or a scale of every channel."""
    draft = image(rng)
    if rng.random() < 0.5:
        draft.put("scale", weight=draft.parameter(draft.size[0]), bias=draft.bias(draft.size[0]))
    else:
        kernel = draft.parameter(2, draft.size[0], 1, 1)
        draft.put("conv2d", weight=kernel, bias=draft.bias(2))
    form = draft.window((draft.size[1], draft.size[2]), pools=True)
    if rng.random() < 0.6:
        draft.put("max_pool2d", **form)
    else:
        draft.put("average_pool2d", counts_padding=bool(rng.random() < 0.5), **form)
    if rng.random() < 0.5:
        draft.put("relu")
    draft.put("flatten")
    return draft


def side_by_side(rng: Generator) -> Draft:
    """Two images joined along an axis, perhaps turned, then a mean of every channel, or all entries."""
    draft = image(rng)
    first = draft.put("scale", weight=draft.parameter(draft.size[0]), bias=draft.bias(draft.size[0]))
    draft.put("relu")
    draft.put("concatenate", str(rng.choice(["x", first])), axis=int(rng.integers(0, 3)))
    if rng.random() < 0.5:
        draft.put("transpose", order=[int(axis) for axis in rng.permutation(3)])
    if rng.random() < 0.5:
        draft.put("global_average_pool")
    draft.put("reshape", size=[draft.entries])
    return draft


SHAPES: tuple[Callable[[Generator], Draft], ...] = (chain, residual, convolution, convolution, pooled, side_by_side)
