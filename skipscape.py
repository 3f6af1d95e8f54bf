"""skipscape: paths between ReLU networks, with a proof of how high the loss gets on the way.

    import skipscape as sk

    a, b = sk.load("A.safetensors"), sk.load("B.safetensors")
    result = sk.connect(a, b, sk.Data.load("digits"), level="1/20")
    print(result)

Every name is documented with an example that runs, after `import skipscape as sk`; `proofs_notes/api.md` has them on
one page. What a name needs is imported when it is first used. Nothing is printed unless it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numerics.api.ask import certify, check, connect, depth
    from numerics.api.files import load, save
    from numerics.api.ledger import audit, verify
    from numerics.api.path import TimedPath
    from numerics.api.result import Result
    from numerics.api.statements import statements
    from numerics.api.torch import from_torch
    from numerics.data import Data
    from numerics.errors import InputError
    from numerics.networks.base import Network

__all__ = [
    "Data",
    "InputError",
    "Network",
    "Result",
    "TimedPath",
    "audit",
    "certify",
    "check",
    "connect",
    "depth",
    "from_torch",
    "load",
    "save",
    "statements",
    "verify",
]

_HOMES = {
    "numerics.api.ask": ("certify", "check", "connect", "depth"),
    "numerics.api.files": ("load", "save"),
    "numerics.api.ledger": ("audit", "verify"),
    "numerics.api.path": ("TimedPath",),
    "numerics.api.result": ("Result",),
    "numerics.api.statements": ("statements",),
    "numerics.api.torch": ("from_torch",),
    "numerics.data": ("Data",),
    "numerics.errors": ("InputError",),
    "numerics.networks.base": ("Network",),
}


if not TYPE_CHECKING:  # a type checker knows the names above, and no others

    def __getattr__(name: str) -> Any:
        for home, names in _HOMES.items():
            if name in names:
                return getattr(import_module(home), name)
        raise AttributeError(f"module 'skipscape' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
