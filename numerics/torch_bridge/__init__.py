"""The only room that imports torch: training."""

from numerics.torch_bridge.training import (
    LARGEST_FLOAT32,
    LARGEST_RATE,
    PENALISED,
    RATE,
    Progress,
    Recipe,
    float_mass,
    has_torch,
    one_thread,
    require_torch,
    train,
)

__all__ = [
    "LARGEST_FLOAT32",
    "LARGEST_RATE",
    "PENALISED",
    "RATE",
    "Progress",
    "Recipe",
    "float_mass",
    "has_torch",
    "one_thread",
    "require_torch",
    "train",
]
