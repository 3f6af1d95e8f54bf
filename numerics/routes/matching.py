"""Units of one network matched to another's, by weights or by activations [known: Ainsworth, Hayase, Srinivasa 2023,
Git Re-Basin; Entezari et al. 2022]: the same function with its units renamed, often nearer to the other network.

Everything here searches: a renamed network computes the same outputs whatever was matched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.networks.activations import activations_of
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.units import Order, hidden_layers, renamed
from numerics.routes.line import line_losses

ROUNDS = 50  # of weight matching, at most: it ends where no layer changes
SAMPLES = 9  # times of the line at which the matchings are compared


@dataclass(frozen=True, eq=False)
class Matched(Shown):
    """`network` is `end` with its units in these orders, by the name of the parameter that enters the layer; None: as
    they were.
    """

    network: Network
    orders: Mapping[str, Order] | None


def matched(start: Network, end: Network, problem: Problem) -> Matched:
    """The renaming of `end`, of the same space, whose straight line from `start` is lowest at a few times.

    None, weight matching and activation matching are tried; so it is never higher at these times than without.
    """
    identity = {layer.name: np.arange(layer.size) for layer in hidden_layers(end)}
    found = [identity, by_weights(start, end), by_activations(start, end, problem)]
    networks = [end, *(renamed(end, orders) for orders in found[1:])]
    heights = [max(line_losses(start, network, problem, times=SAMPLES)) for network in networks]
    lowest = int(np.argmin([height if np.isfinite(height) else np.inf for height in heights]))
    moved = {name: order for name, order in found[lowest].items() if (order != identity[name]).any()}
    return Matched(networks[lowest], moved or None)


def by_weights(start: Network, end: Network) -> dict[str, Order]:
    """Orders that maximise the inner product of all weights, one layer after the other until none changes."""
    layers = hidden_layers(end)
    orders = {layer.name: np.arange(layer.size) for layer in layers}
    theirs = start.parameters()
    for _ in range(ROUNDS):
        settled = True
        for layer in layers:
            here = renamed(end, {name: order for name, order in orders.items() if name != layer.name}).parameters()
            profit = np.zeros((layer.size, layer.size))
            for parameter, axis in layer.places:
                mine, yours = (_by_unit(array, axis) for array in (theirs[parameter], here[parameter]))
                profit += mine @ yours.T
            order = _assigned(profit)
            before = profit[np.arange(layer.size), orders[layer.name]].sum()
            if profit[np.arange(layer.size), order].sum() > before + 1e-12 * abs(before):
                orders[layer.name], settled = order, False
        if settled:
            break
    return orders


def by_activations(start: Network, end: Network, problem: Problem) -> dict[str, Order]:
    """Orders that maximise the correlation of units on the data, each layer by itself."""
    orders = {}
    for layer, mine, yours in zip(
        hidden_layers(end), activations_of(start, problem.X), activations_of(end, problem.X), strict=True
    ):
        orders[layer.name] = _assigned(_centred(mine).T @ _centred(yours))
    return orders


def _by_unit(array: Array, axis: int) -> Array:
    """One row a unit."""
    return np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1)


def _assigned(profit: Array) -> Order:
    """The permutation of largest profit; the identity where that is not finite."""
    if not np.isfinite(profit).all():
        return np.arange(len(profit))
    order: Order = linear_sum_assignment(profit, maximize=True)[1]
    return order


def _centred(h: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        centred = h - h.mean(axis=0)
        scale = np.sqrt((centred * centred).mean(axis=0))
        scaled: Array = centred / np.where(scale > 0.0, scale, 1.0)
        return scaled
