"""The losses that the checker knows, by name; it shares no line with `numerics.losses`. Any other name is refused."""

import re

from flint import fmpq

from numerics.checker.rationals import parse

from .absolute import Absolute
from .cross_entropy import CrossEntropy
from .hinge import Hinge
from .huber import Huber
from .logistic import Logistic
from .loss import Bending, Columns, Loss, Targets
from .multi_hinge import MultiHinge
from .squared import Squared

__all__ = ["KNOWN", "SQUARED", "Bending", "Columns", "Loss", "Targets", "loss_named"]

SQUARED = Squared()
_PLAIN: tuple[Loss, ...] = (SQUARED, Absolute(), Hinge(), MultiHinge(), Logistic(), CrossEntropy())
_HUBER = re.compile(r"huber:(\d{1,300}/\d{1,300})", re.ASCII)
KNOWN = ", ".join((*(loss.name for loss in _PLAIN), "huber:p/q"))


def loss_named(name: object) -> Loss:
    """The loss of this name, as certificates write it. Raises ValueError."""
    for loss in _PLAIN:
        if loss.name == name:
            return loss
    found = _HUBER.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        raise ValueError(f"it must be one of {KNOWN}")
    delta: fmpq = parse(found[1])
    if delta <= 0:
        raise ValueError("the parameter of huber must be above 0")
    return Huber(delta)
