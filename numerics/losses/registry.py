"""Every loss by name, found by scanning the modules of `numerics/losses/kinds` for `LOSS`; nothing here names one."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from numerics.arithmetic.rationals import parse
from numerics.errors import InputError
from numerics.losses import kinds
from numerics.losses.kinds.squared import Squared
from numerics.losses.loss import Loss, ParametrisedLoss

SQUARED = Squared()
"""What is meant where no loss is named."""


@cache
def families() -> dict[str, type[Loss]]:
    """Name -> loss, in alphabetical order."""
    modules = (import_module(f"{kinds.__name__}.{one.name}") for one in pkgutil.iter_modules(kinds.__path__))
    found: list[type[Loss]] = [module.LOSS for module in modules if hasattr(module, "LOSS")]
    return {one.family: one for one in sorted(found, key=lambda one: one.family)}


def loss_named(given: str | Loss) -> Loss:
    """The loss of this name: `squared`, `cross-entropy`, `huber:1/2`, ...; a Loss is itself. Raises InputError."""
    if isinstance(given, Loss):
        return given
    family, colon, parameter = given.strip().partition(":")
    one = families().get(family)
    if one is None or bool(colon) != issubclass(one, ParametrisedLoss):
        raise InputError(f"loss {given[:40]!r} is unknown: choose one of {', '.join(known())}")
    if issubclass(one, ParametrisedLoss):
        return one(parse(parameter, f"the parameter of loss {family}"))
    return one()


def known() -> tuple[str, ...]:
    """What may be asked for, with `:DELTA` where a parameter is needed."""
    return tuple(f"{name}:DELTA" if issubclass(kind, ParametrisedLoss) else name for name, kind in families().items())
