"""State dicts in torch's own files, which are read as tensors and nothing else."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import torch

from numerics.arithmetic.budget import DEFAULT, require
from numerics.errors import InputError
from numerics.files import read_bounded

HOLDERS = ("state_dict", "model_state_dict", "model_state", "model", "net")
"""Keys under which checkpoints hold the state dict of their model."""


def read_state_dict(path: Path, budget: int = DEFAULT) -> dict[str, torch.Tensor]:
    """The state dict in a `.pt` file, or the one that a checkpoint holds. Raises InputError naming the file.

    What the file unpacks to, and the entries that its tensors claim, are held against `budget` bytes first.
    """
    content = read_bounded(path, "a state dict", limit=budget)
    try:
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                require(sum(one.file_size for one in archive.infolist()), budget, "unpacking it")
        found: Any = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except Exception as error:  # a broken file ends in any of the unpickler's instructions: no narrower class has all
        words = " ".join(str(error).split()).partition(". ")[0][:100]
        raise InputError(
            f"{path}: it is no file of tensors alone ({type(error).__name__}: {words}): save model.state_dict()"
        ) from None
    holders = [key for key in HOLDERS if isinstance(found, dict) and isinstance(found.get(key), dict)]
    if len(holders) == 1:
        found = found[holders[0]]
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise InputError(f"{path}: it holds a {type(found).__name__}, no state dict: save model.state_dict()")
    for name, tensor in found.items():
        if not isinstance(tensor, torch.Tensor):
            raise InputError(f"{path}: {name[:80]} is a {type(tensor).__name__}, no tensor: save model.state_dict()")
    require(8 * sum(tensor.numel() for tensor in found.values()), budget, f"{path}: its tensors as float64")
    return dict(found)
