"""What a file says of itself that is no ReLU network: other activations, normalisation, dropout. Never ignored.

Names of arrays are judged in every format; in `.safetensors` also the metadata, which may hold any note about the file
but must not describe another function than the arrays are read as.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from numerics.errors import InputError

KINDS = r"(?:batch|layer|group|rms|instance)[_ ]?norm"
NORMALISATION = re.compile(
    rf"running_mean|running_var|num_batches_tracked|gamma|beta|{KINDS}|(?:^|[^a-z])(?:bn|ln|norm)(?:[^a-z]|$)",
    re.IGNORECASE,
)
DROPOUT = re.compile(r"dropout", re.IGNORECASE)
ACTIVATION = re.compile(
    r"activation|nonlinearity|slope|(?:^|[^a-z])(?:prelu|gelu|elu|selu|silu|swish|mish|tanh|sigmoid|softplus)(?:[^a-z]|$)",
    re.IGNORECASE,
)
DESCRIBES = re.compile(  # keys of metadata
    rf"activation|nonlinearity|(?:^|[^a-z])act(?:[^a-z]|$)|dropout|{KINDS}|(?:^|\.)norm", re.IGNORECASE
)
STATE_DICT = re.compile(r".+\.(?:weight|bias)")
DEEPEST = 100  # brackets within brackets: what nests deeper is a note, in every program and at any depth of its stack
KEY = 80  # letters of a key that are shown
PLAIN = ("", "0", "0.0", "none", "null", "false", "no", "off", "relu")  # values that say: nothing but ReLU


def require_relu_names(names: Collection[str]) -> None:
    """Refuse arrays that belong to another kind of layer, or to no format of ours. Raises InputError."""
    for name in names:
        if NORMALISATION.search(name):
            raise InputError(
                f"{name} belongs to batch normalisation or another normalisation: only affine maps and ReLU are covered"
                " (a trained batch normalisation can be folded into the layer before it)"
            )
        if DROPOUT.search(name):
            raise InputError(f"{name} speaks of dropout: only affine maps and ReLU are covered")
        if ACTIVATION.search(name):
            raise InputError(
                f"{name} speaks of an activation: ReLU is the only one that is covered, and needs no entry"
            )
    for name in names:
        if STATE_DICT.fullmatch(name):
            raise InputError(
                f"{name} is a name of a torch state dict: store the layers as W, V, A, a, B1, b1, ..., U, c"
                " with the scalars class and bias (README, Commands)"
            )


def require_relu_metadata(metadata: Mapping[str, str]) -> None:
    """Refuse metadata that describes anything but ReLU without normalisation and dropout. Raises InputError."""
    for key, value in _described(metadata):
        if value.strip().lower() not in PLAIN:
            raise InputError(
                f"its metadata says {key} = {value[:40]!r}: only ReLU layers without normalisation and dropout are"
                " covered (remove the entry if it is not about this network)"
            )


def _described(metadata: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every scalar as text that stands under a key that describes a function, with the keys that lead to it.

    A string that is a json object or list is opened. Level by level without recursion and without a list of what waits:
    time and memory are those of the text.
    """
    levels: list[tuple[str, bool, Iterator[tuple[str, object]]]] = [("", False, iter(metadata.items()))]
    while levels:
        above, described, entries = levels[-1]
        for name, value in entries:
            key = f"{above}.{name[:KEY]}"[:KEY].strip(".") if name else above
            tells, content = described or DESCRIBES.search(name) is not None, _opened(value)
            if isinstance(content, dict):
                levels.append((key, tells, iter(content.items())))
                break
            if isinstance(content, list):
                levels.append((key, tells, (("", entry) for entry in content)))
                break
            if tells:
                yield key, str(content)
        else:
            levels.pop()


def _opened(value: object) -> object:
    """The json object or list that a string holds, numbers left as written; any other value as it is."""
    if not isinstance(value, str) or not value.strip().startswith(("{", "[")):
        return value
    depth = deepest = 0
    for bracket in re.finditer(r"[][{}]", value):
        depth += 1 if bracket[0] in "[{" else -1
        deepest = max(deepest, depth)
    with suppress(ValueError, RecursionError):
        if deepest <= DEEPEST:
            return json.loads(value, parse_int=str, parse_float=str, parse_constant=str)
    return value
