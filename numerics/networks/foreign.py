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
    for key, value in _scalars("", dict(metadata)):
        if DESCRIBES.search(key) and value.strip().lower() not in PLAIN:
            raise InputError(
                f"its metadata says {key} = {value[:40]!r}: only ReLU layers without normalisation and dropout are"
                " covered (remove the entry if it is not about this network)"
            )


def _scalars(key: str, value: object) -> Iterator[tuple[str, str]]:
    """Every scalar as text, under `key.name` in an object; a string that is a json object or list is opened."""
    if isinstance(value, str) and value.strip().startswith(("{", "[")):
        with suppress(ValueError, RecursionError):
            yield from _scalars(key, json.loads(value))
            return
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _scalars(f"{key}.{name}" if key else name, entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _scalars(key, entry)
    else:
        yield key, str(value)
