"""Certificates of paths between graphs, written by the tests alone: nodes are JSON, values come from fractions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from support import graph_oracle
from support.certificates import Document, Forge, Weights, canonical

Rows = list[dict[str, Any]]
WINDOW: dict[str, Any] = {"kernel": [1, 1], "stride": [1, 1], "padding": [0, 0, 0, 0], "dilation": [1, 1]}


@dataclass
class GraphForge(Forge):
    """A path between graphs. `nodes`: as a certificate has them; `kind` is `graph`, `bias` 0, every move `all`.

    `stored`: the shapes under which arrays stand in the archive, where they are not their own; `misread`: what numbers
    are those of, if not of the nodes themselves.
    """

    nodes: Rows = field(default_factory=list)
    stored: dict[str, list[int]] = field(default_factory=dict)

    misread: Callable[[SimpleNamespace], SimpleNamespace] | None = None

    def corners(self) -> list[Weights]:
        corners = [dict(self.start)]
        for _, moves in self.segments:
            corners.append(corners[-1] | {name: np.array(values, dtype=float) for name, (_, values) in moves.items()})
        return corners

    def outputs(self, weights: Weights, x: Any = None) -> list[list[Fraction]]:
        """At all samples, by the fraction oracle."""
        graph = SimpleNamespace(nodes=[SimpleNamespace(**row) for row in self.nodes], arrays=weights)
        return [graph_oracle.outputs(graph, one, self.misread) for one in (self.x if x is None else x)]

    def document(self, numbers: Document | None = None) -> dict[str, Any]:
        found = super().document(numbers)
        return found | {"network": found["network"] | {"nodes": json.loads(json.dumps(self.nodes))}}

    def arrays(self) -> dict[str, np.ndarray]:
        numbered = {name: f"p{k:04d}" for k, name in enumerate(sorted(self.start))}
        corners: dict[str, Weights] = {"start": self.start}
        for k, (_, moves) in enumerate(self.segments):
            corners[f"segment.{k:04d}"] = {name: values for name, (_, values) in moves.items()}
        corners |= {f"control.{k:04d}": control for k, control in self.controls.items()}
        found = {}
        for corner, weights in corners.items():
            for name, array in weights.items():
                shape = self.stored.get(name, np.shape(array))
                found[f"{corner}.{numbered[name]}.npy"] = np.array(array, dtype=float).reshape(shape)
        return found

    def digest(self, weights: Weights) -> str:
        shapes = {name: list(np.shape(array)) for name, array in weights.items()}
        header = canonical({"class": "graph", "bias": 0, "shapes": shapes, "nodes": self.nodes})
        arrays = b"".join(np.asarray(weights[name], dtype="<f8").tobytes(order="C") for name in sorted(weights))
        return hashlib.sha256(header + b"\n" + arrays).hexdigest()

    def network(self, weights: Weights) -> dict[str, Any]:
        return super().network(weights) | {"nodes": self.nodes}

    def write_network(self, path: Path, weights: Weights) -> Path:
        arrays = {name: np.array(array, float) for name, array in weights.items()}
        return write_graph(path.with_suffix(".safetensors"), self.nodes, arrays)

    def write_end(self, path: Path, corner: int) -> Path:
        """The network at a corner as a file of its own."""
        return self.write_network(path, self.corners()[corner])


def write_graph(path: Path, nodes: object, arrays: Weights, **metadata: str) -> Path:
    """A `.safetensors` of class graph, byte by byte; `metadata` adds to the three entries that it has, or replaces."""
    said = {"class": "graph", "bias": "0", "graph": nodes if isinstance(nodes, str) else json.dumps(nodes)} | metadata
    header: dict[str, Any] = {"__metadata__": {name: text for name, text in said.items() if text != "none"}}
    values = b""
    for name, array in arrays.items():
        stored = np.ascontiguousarray(array, dtype="<f8").tobytes()
        header[name] = {
            "dtype": "F64",
            "shape": list(np.shape(array)),
            "data_offsets": [len(values), len(values) + len(stored)],
        }
        values += stored
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + values)
    return path


def node(op: str, name: str, *inputs: str, **fields: Any) -> dict[str, Any]:
    """A node with no field left out."""
    others: dict[str, dict[str, Any]] = {
        "linear": {"bias": None},
        "scale": {"bias": None},
        "conv2d": {"bias": None, "groups": 1, **WINDOW},
        "average_pool2d": {"counts_padding": True, **WINDOW},
        "max_pool2d": WINDOW,
        "concatenate": {"axis": 0},
    }
    return {"op": op, "name": name, "inputs": list(inputs), **others.get(op, {}), **fields}


def small_cnn(*, loss: str = "squared", seed: int = 3) -> GraphForge:
    """A basic block on 3 x 3 images, with a projection, a pooled mean and a maximum; every parameter moves."""
    rng = np.random.default_rng(seed)
    image = {"kernel": [3, 3], "padding": [1, 1, 1, 1]}
    nodes = [
        node("input", "x", size=[1, 3, 3]),
        node("conv2d", "stem", "x", weight="stem.weight", bias="stem.bias", **image),
        node("relu", "a", "stem"),
        node("conv2d", "one", "a", weight="block.weight", **image, groups=2),
        node("relu", "b", "one"),
        node("conv2d", "past", "a", weight="skip.weight"),
        node("add", "sum", "b", "past"),
        node("relu", "c", "sum"),
        node("max_pool2d", "max", "c", **WINDOW | {"kernel": [2, 2]}),
        node(
            "average_pool2d",
            "mean",
            "max",
            **WINDOW | {"kernel": [2, 2], "padding": [0, 0, 1, 1]},
            counts_padding=False,
        ),
        node("flatten", "flat", "mean"),
        node("linear", "head", "flat", weight="head.weight", bias="head.bias"),
    ]
    shapes = {
        "stem.weight": (2, 1, 3, 3),
        "stem.bias": (2,),
        "block.weight": (2, 1, 3, 3),
        "skip.weight": (2, 2, 1, 1),
        "head.weight": (2, 8),
        "head.bias": (2,),
    }
    ends = [{name: rng.integers(-8, 9, shape) / 8 for name, shape in shapes.items()} for _ in range(2)]
    x, y = rng.integers(-8, 9, (3, 9)) / 8, np.eye(2)[rng.integers(0, 2, 3)]
    forge = GraphForge("graph", 0, ends[0], x, y, loss=loss, nodes=nodes)
    forge.segments = [("general", {name: ("all", array) for name, array in ends[1].items()})]
    return bounded(forge)


def bounded(forge: GraphForge, samples: int = 16) -> GraphForge:
    """The path with a bound a little above what is attained at so many times of every segment."""
    peak = max(
        ((k, Fraction(i, samples)) for k in range(len(forge.segments)) for i in range(samples + 1)),
        key=lambda place: forge.loss_at(*place),
    )
    forge.peak, forge.upper = peak, forge.loss_at(*peak) * Fraction(51, 50)
    forge.cuts = {
        k: [Fraction(i, samples) for i in range(1, samples)]
        for k, (kind, _) in enumerate(forge.segments)
        if kind in ("general", "curve")
    }
    return forge


def vocabulary(seed: int = 0) -> GraphForge:
    """A network of every node that there is, of floats of full length, on two images of 2 x 3 x 4."""
    rng = np.random.default_rng(seed)
    row = {"kernel": [1, 3], "padding": [0, 1, 0, 1]}
    nodes = [
        node("input", "x", size=[2, 3, 4]),
        node("scale", "s", "x", weight="s.weight", bias="s.bias"),
        node(
            "conv2d",
            "c",
            "s",
            weight="c.weight",
            bias="c.bias",
            groups=2,
            kernel=[2, 2],
            dilation=[1, 2],
            padding=[1, 0, 0, 1],
        ),
        node("max_pool2d", "m", "c", kernel=[2, 3], stride=[1, 1], padding=[1, 2, 0, 0], dilation=[1, 1]),
        node("average_pool2d", "a", "c", **WINDOW | row),
        node("average_pool2d", "b", "c", **WINDOW | row, counts_padding=False),
        node("relu", "r", "a"),
        node("transpose", "t", "r", order=[0, 2, 1]),
        node("reshape", "q", "t", size=[4, 3, 3]),
        node("concatenate", "j", "q", "m", "b", axis=1),
        node("conv2d", "d", "j", weight="d.weight", kernel=[3, 1], stride=[2, 2]),
        node("global_average_pool", "g", "d"),
        node("flatten", "f", "g"),
        node("linear", "l", "f", weight="l.weight", bias="l.bias"),
        node("flatten", "k", "d"),
        node("linear", "n", "k", weight="n.weight"),
        node("add", "o", "l", "n", "l"),
    ]
    shapes = {
        "s.weight": (2,), "s.bias": (2,), "c.weight": (4, 1, 2, 2), "c.bias": (4,), "d.weight": (3, 4, 3, 1),
        "l.weight": (2, 3), "l.bias": (2,), "n.weight": (2, 24),
    }  # fmt: skip
    ends = [{name: rng.normal(size=shape) for name, shape in shapes.items()} for _ in range(2)]
    x, y = rng.normal(size=(2, 24)), rng.normal(size=(2, 2))
    forge = GraphForge("graph", 0, ends[0], x, y, nodes=nodes)
    forge.segments = [("general", {name: ("all", array) for name, array in ends[1].items()})]
    return forge


def exchanged_channels() -> GraphForge:
    """From a network to itself with its two channels exchanged, on its own outputs: loss 0 at both ends alone."""
    forge = small_cnn()
    start = forge.start
    end = {name: np.ascontiguousarray(array[::-1]) for name, array in start.items() if name[:4] != "head"}
    end["skip.weight"] = np.ascontiguousarray(end["skip.weight"][:, ::-1])
    end["head.weight"] = np.hstack([start["head.weight"][:, 4:], start["head.weight"][:, :4]])
    forge.segments = [("general", {name: ("all", array) for name, array in end.items()})]
    forge.y = np.array(forge.outputs(start), dtype=float)
    return bounded(forge)


def bent(forge: GraphForge, seed: int = 5) -> GraphForge:
    """The same ends, joined by an arc whose control lies off their straight line, by short numbers."""
    rng, moves = np.random.default_rng(seed), dict(forge.segments[0][1])
    control = {
        name: (forge.start[name] + np.array(after)) / 2 + rng.integers(-4, 5, np.shape(after)) / 8
        for name, (_, after) in moves.items()
    }
    return replace(forge, segments=[("curve", moves)], controls={0: control})
