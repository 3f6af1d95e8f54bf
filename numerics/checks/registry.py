"""Every check by id."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from numerics.checks import (
    bridge,
    connectivity,
    finite_sample,
    measured,
    merging,
    moment,
    pairing,
    perturb,
    rank,
    readout,
    refit,
    regulariser,
    relu,
    residual,
    selection,
    separation,
    slots,
    sphere,
    stream,
    transfer,
    transferloss,
    zero,
)
from numerics.checks.check import Check
from theory.catalogue import ORDER

_FAMILIES = (
    *(relu, moment, perturb, transfer, sphere, selection, readout, transferloss, slots, regulariser, connectivity),
    *(zero, merging, rank, refit, pairing, measured, residual, stream, finite_sample, separation, bridge),
)
_FOUND: dict[str, Check[Any]] = {check.id: check for family in _FAMILIES for check in family.CHECKS}

CHECKS: Mapping[str, Check[Any]] = MappingProxyType({id_: _FOUND[id_] for id_ in ORDER if id_ in _FOUND})
"""By id, in blueprint order. C3 and C4 are arithmetic of the bounds: there is nothing to measure."""
