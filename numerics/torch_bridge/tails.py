"""Some entries of a graph's parameters trained while all others stay: narrow tails of networks. Nothing here proves.

What no free entry changes is evaluated once. Adam on batches, the rate falling along a cosine, until the loss of all
samples is low enough; the numbers are float32, so that exact arithmetic on them stays short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from numerics.losses.problem import Problem
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.node import Node
from numerics.torch_bridge.image_tensors import values_of
from numerics.torch_bridge.training import loss_and_slope, one_thread

BATCH = 256
EPOCHS = 80
RATE = 5e-3
SEED = 0


def trained_tail(network: Graph, free: Mapping[str, NDArray[np.bool_]], problem: Problem, goal: float) -> Graph:
    """The graph whose free entries were trained until its loss is at most `goal`, or as low as it was seen.

    `free`: masks by the names of parameters, of their shapes or of the first axes of these. Deterministic for a given
    torch and machine.
    """
    with one_thread():
        return _trained(network, free, problem, goal)


def _trained(network: Graph, free: Mapping[str, NDArray[np.bool_]], problem: Problem, goal: float) -> Graph:
    given = {name: torch.tensor(array, dtype=torch.float32) for name, array in network.arrays.items()}
    masks = {
        name: torch.tensor(np.array(mask)).reshape(*mask.shape, *[1] * (given[name].ndim - mask.ndim))
        for name, mask in free.items()
    }
    known, upper = _fixed(network, free, given, problem)
    with np.errstate(over="ignore"):
        Y = problem.Y.astype(np.float32)
    moved = {name: given[name].clone().requires_grad_() for name in masks}
    optimiser = torch.optim.Adam(moved.values(), lr=RATE)
    batches = -(-len(Y) // BATCH)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS * batches)
    random = np.random.default_rng(SEED)

    def outputs(rows: NDArray[Any] | slice) -> torch.Tensor:
        weights = {name: torch.where(mask, moved[name], given[name]) for name, mask in masks.items()}
        some = {name: value[rows] for name, value in known.items()}
        return values_of(upper, network.shapes, {**given, **weights}, some)[network.nodes[-1].name]

    best, arrays = np.inf, {name: one.detach().clone() for name, one in moved.items()}
    for epoch in range(EPOCHS + 1):
        with torch.no_grad():
            loss = loss_and_slope(problem.loss, outputs(slice(None)), Y)[0]
        if loss < best:
            best, arrays = loss, {name: one.detach().clone() for name, one in moved.items()}
        if loss <= goal or epoch == EPOCHS or not np.isfinite(loss):
            break
        problem.progress(f"training a tail, loss about {best:.5g}", epoch / EPOCHS)
        for rows in np.array_split(random.permutation(len(Y)), batches):
            optimiser.zero_grad()
            f = outputs(np.sort(rows))
            torch.autograd.backward((f,), (loss_and_slope(problem.loss, f, Y[np.sort(rows)])[1],))
            optimiser.step()
            cosine.step()
    found = {}
    for name, mask in masks.items():
        chosen = np.broadcast_to(mask.numpy(), given[name].shape)
        found[name] = np.where(chosen, arrays[name].numpy().astype(np.float64), network.arrays[name])
    return network.replace(found)


def _fixed(
    network: Graph, free: Mapping[str, NDArray[np.bool_]], given: dict[str, torch.Tensor], problem: Problem
) -> tuple[dict[str, torch.Tensor], list[Node]]:
    """Values (N, ...) that no free entry changes and some other node reads, and the nodes of the others, in order."""
    first, *nodes = network.nodes
    lower, upper, moving = list[Node](), list[Node](), set[str]()
    for node in nodes:
        moves = bool(moving & set(node.inputs)) or any(name in free for name in node.weights)
        moving |= {node.name} if moves else set()
        (upper if moves else lower).append(node)
    X = torch.tensor(problem.X, dtype=torch.float32).reshape(len(problem.X), *network.shapes[first.name])
    with torch.no_grad():
        values = values_of(lower, network.shapes, given, {first.name: X})
    read = {name for node in upper for name in node.inputs}
    return {name: value for name, value in values.items() if name in read}, upper
