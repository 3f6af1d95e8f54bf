"""What a converted network was: the names that its parameters had, and what the conversion folded or left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite, prod
from typing import Any

import numpy as np

from numerics.common.shown import Shown
from numerics.common.strict_json import canonical
from numerics.errors import InputError
from numerics.networks.arrays import Array

KEY = "skipscape.origin"  # of the metadata of a `.safetensors`
ONES = "bias"
"""Where a first layer's bias stands: in the last column of W, which reads the 1 of (x, 1)."""
LONGEST = 500  # letters of a name or a note
MOST = 1 << 20  # entries of what a name is filled with


@dataclass(frozen=True)
class Origin(Shown):
    """`names`: pairs of a former name and where that array is now, in the former order: a parameter's name, or `ONES`.

    `notes`: what the conversion did besides. `folded`: whether it changed values, so that there is no way back.
    `constants`: places of numbers that stand in the program and in no state dict, each with the digest of its array.
    `filled`: further names of the former state dict, each with its numbers, or the one that all its entries have, and
    its shape: what makes a batch normalisation that was folded change nothing, and buffers that are constants here.
    `forms`: former names whose array has another order of axes here, or another shape: the order that leads back, and
    the shape that it had.
    """

    names: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    folded: bool = False
    constants: tuple[tuple[str, str], ...] = ()
    filled: tuple[tuple[str, tuple[float, ...], tuple[int, ...]], ...] = ()
    forms: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...] = ()

    def state_dict(self, parameters: Mapping[str, Array], *, ones: bool) -> dict[str, Array]:
        """Former name -> a copy of the array; `ones`: whether the last column of W is a bias. Raises InputError."""
        fixed, forms = dict(self.constants), {name: (order, shape) for name, order, shape in self.forms}
        places = {*(place for _, place in self.names), *fixed}
        split = ones and ONES in places

        def at(place: str) -> Array:
            if split and place == ONES:
                return parameters["W"][:, -1].copy()
            array = parameters[place]
            return (array[:, :-1] if split and place == "W" else array).copy()

        for name, array in parameters.items():
            if name not in places and array.any():
                raise InputError(f"{name} is not 0, but what this network was converted from has no place for it")
        for place, digest in fixed.items():
            if digest_of(at(place)) != digest:
                raise InputError(f"{place} is a constant of what this network was converted from, and another one here")

        def formed(former: str, array: Array) -> Array:
            if former not in forms:
                return array
            order, shape = forms[former]
            return np.ascontiguousarray(array.transpose(order)).reshape(shape)

        found = {former: formed(former, at(place)) for former, place in self.names}
        return found | {name: np.resize(np.array(numbers), shape) for name, numbers, shape in self.filled}

    def text(self) -> str:
        """As metadata hold it."""
        content = {"folded": self.folded, "names": self.names, "notes": self.notes}
        more = {"constants": self.constants, "filled": self.filled, "forms": self.forms}
        return canonical(content | {key: value for key, value in more.items() if value}).decode("ascii")

    @classmethod
    def of_text(cls, text: str) -> Origin:
        """From metadata. Raises InputError."""
        try:
            content = json.loads(text)
            names = tuple((str(former), str(place)) for former, place in content["names"])
            notes = tuple(map(str, content["notes"]))
            folded = content["folded"]
            constants = tuple((str(place), str(digest)) for place, digest in content.get("constants", ()))
            filled = tuple(
                (str(name), tuple(map(float, numbers)), tuple(map(int, shape)))
                for name, numbers, shape in content.get("filled", ())
            )
            forms = tuple(
                (str(name), tuple(map(int, order)), tuple(map(int, shape)))
                for name, order, shape in content.get("forms", ())
            )
            known = {"constants", "filled", "forms"}
            if content.keys() - known != {"names", "notes", "folded"} or not isinstance(folded, bool):
                raise ValueError
            for _, numbers, shape in filled:
                if min(shape, default=1) < 1 or prod(shape) > MOST or len(numbers) not in (1, prod(shape)):
                    raise ValueError
                if not all(map(isfinite, numbers)):
                    raise ValueError
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            raise InputError(f"its metadata {KEY} is malformed: remove it, or convert the network again") from None
        pairs = (*names, *constants, *((name,) for name, _, _ in (*filled, *forms)))
        if any(len(word) > LONGEST for pair in pairs for word in pair) or any(len(note) > LONGEST for note in notes):
            raise InputError(f"its metadata {KEY} has texts longer than {LONGEST} letters: convert the network again")
        places = [*(place for _, place in names), *(place for place, _ in constants)]
        formers = [*(former for former, _ in names), *(name for name, _, _ in filled)]
        if len(set(formers)) < len(formers) or len(set(places)) < len(places):
            raise InputError(f"its metadata {KEY} has a name twice: convert the network again")
        return cls(names, notes, folded, constants, filled, forms)

    def require_for(self, parameters: Mapping[str, Array], *, ones: bool) -> Origin:
        """Itself, if its places exist. Raises InputError."""
        for place in (*(place for _, place in self.names), *dict(self.constants)):
            if place not in parameters and not (place == ONES and ones):
                raise InputError(f"its metadata {KEY} speaks of {place[:40]!r}, which it has not: convert it again")
        places = dict(self.names)
        for name, order, shape in self.forms:
            place = places.get(name, "")
            sizes = np.shape(parameters.get(place, 0.0))
            if ones and place == "W" and ONES in places.values():
                sizes = (sizes[0], sizes[1] - 1)
            if sorted(order) != list(range(len(sizes))) or min(shape, default=1) < 1 or prod(shape) != prod(sizes):
                raise InputError(f"its metadata {KEY} has no form for {name[:40]!r}: convert the network again")
        return self


def digest_of(array: Array) -> str:
    """What tells a constant from others: of its shape and its float64 numbers."""
    return sha256(repr(array.shape).encode() + np.ascontiguousarray(array, dtype="<f8").tobytes()).hexdigest()


def write_into(module: Any, state: Mapping[str, Array], origin: Origin | None) -> None:
    """Write these arrays into a torch module of the same names and shapes, rounded to its types. Raises InputError.

    Duck-typed, so that no torch is imported here; wrappers of parallel and compiled modules are looked through.
    """
    module = unwrapped(module)
    if not hasattr(module, "state_dict") or not hasattr(module, "load_state_dict"):
        raise InputError(f"a torch module is needed, not an object of type {type(module).__name__}")
    if origin is not None and origin.folded:
        raise InputError(
            "what this network was converted from cannot be restored, as the conversion changed parameters:"
            f" {origin.notes[0] if origin.notes else 'see its notes'}"
        )
    theirs = dict(module.state_dict())
    for name, array in state.items():
        if name not in theirs:
            raise InputError(f"the module has no {name}: it is not of the form that this network was converted from")
        if tuple(theirs[name].shape) != array.shape:
            raise InputError(f"{name} is {tuple(theirs[name].shape)} in the module, but {array.shape} in this network")
    shared = {theirs[name].data_ptr() for name in state}
    for name, tensor in theirs.items():
        if name not in state and tensor.data_ptr() not in shared:
            raise InputError(f"the module has {name}, which this network lacks: it was converted from another form")
    for name, array in state.items():
        theirs[name].copy_(theirs[name].new_tensor(np.array(array)))


def unwrapped(module: Any) -> Any:
    """The module that a parallel or compiled one wraps."""
    while True:
        if hasattr(module, "_orig_mod"):
            module = module._orig_mod
        elif type(module).__name__ in ("DataParallel", "DistributedDataParallel") and hasattr(module, "module"):
            module = module.module
        else:
            return module
