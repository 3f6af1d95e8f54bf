"""The relations between parameters that several classes share; each names itself and both values when violated."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from numerics.networks.arrays import Array, require


def require_first_layer(W: Array, bias: bool) -> None:
    """W is (m, D), and with a first-layer bias at least one of the D columns is an input."""
    require(
        not bias or W.shape[1] >= 2,
        "bias is 1 but W has one column only: the first layer sees (x, 1), D = n + 1 >= 2",
    )


def require_readout(V: Array, W: Array) -> None:
    """V is (p, m), W (m, D)."""
    columns, m = V.shape[1], len(W)
    require(columns == m, f"V has {columns} columns but W has {m} rows: V must be (p, m) with m = rows of W")


def require_output_bias(c: Array | None, readout: Array, name: str = "V") -> None:
    """c is (p,), where the readout (`V`; `U` in PLAIN) has p rows."""
    p = len(readout)
    if c is not None:
        require(len(c) == p, f"c has length {len(c)} but {name} has {p} rows: c must be (p,) with p = rows of {name}")


def require_names(kind: str, given: Iterable[str], needed: Iterable[str], known: Collection[str], has: str) -> None:
    """Every needed parameter is there, and none without a place; `has` says what the class has."""
    names = list(given)
    for name in needed:
        require(name in names, f"a {kind} network needs {name}, which is missing")
    for name in names:
        require(name in known, f"{name} has no place in a {kind} network {has}")
