"""The command that reads other programs' networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
import typer

from numerics.arithmetic.budget import DEFAULT, GIB, require
from numerics.arithmetic.rationals import at_most
from numerics.cli.common import ForceOption, JsonOption, MemoryOption, app, examples, out
from numerics.common import strict_json
from numerics.data import read_data
from numerics.errors import InputError
from numerics.files import require_writable
from numerics.files.archives import read_safetensors, source_of
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.files import write_network
from numerics.networks.graph import Graph

T = TypeVar("T")
Outputs = Callable[[Array], Array]
PER_CELL = 24  # bytes: a value, its copy, the number of the entry that it is taken from


@app.command(
    epilog=examples(
        "skipscape convert mlp.safetensors --mlp --out net.safetensors",
        "skipscape convert mlp.safetensors --mlp --out other.safetensors --data train.npz --json",
    )
)
def convert(
    model: Annotated[Path, typer.Argument(help=".onnx, or with --mlp a .pt or .safetensors")],
    output: Annotated[Path, typer.Option("--out", help=".safetensors; of a curve one file for each bend, NET-0, ...")],
    mlp: Annotated[bool, typer.Option("--mlp", help="a state dict of Linear layers, ReLU between them")] = False,
    data: Annotated[str | None, typer.Option("--data", help="compare outputs on digits, diabetes, or an .npz")] = None,
    memory: MemoryOption = 4.0,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """A network from an ONNX file or a state dict; what is one of the classes is saved as such, all else as a graph."""
    if output.suffix.lower() != ".safetensors":
        raise InputError(f"{output}: a converted network's file name ends in .safetensors")
    budget = int(memory * GIB)
    points = None if data is None else read_data(data, budget)
    found = _read(model, mlp, budget)
    places = [output] if len(found) == 1 else [output.with_stem(f"{output.stem}-{k}") for k in range(len(found))]
    for place in places:
        require_writable(place, force=force, inputs=[model, *([] if data is None else [data])])
    seen: list[Seen | None] = [None] * len(found)
    if points is not None:
        seen = [_named(f"{model}, {data}", partial(_compared, *one, points.X, budget)) for one in found]
    for place, (network, _) in zip(places, found, strict=True):
        write_network(place, network, force=force)
    rows = [_row(place, one, looked) for place, (one, _), looked in zip(places, found, seen, strict=True)]
    if as_json:
        print(strict_json.dumps({"model": str(model), "networks": rows}))
        return
    for row in rows:
        _say(row, data)


@dataclass(frozen=True)
class Seen:
    """The largest difference of two programs' outputs, and the largest output."""

    difference: float
    largest: float


def _compared(network: Network, own: Outputs, X: Array, budget: int) -> Seen:
    """The network's float64 outputs beside the original's own, within `budget` bytes. Raises InputError."""
    if isinstance(network, Graph):
        require(PER_CELL * network.cells, budget, "one sample of the graph")
    with np.errstate(all="ignore"):
        mine, theirs = network(X), own(X)
        if mine.shape != theirs.shape:
            raise InputError(f"the original's outputs have shape {theirs.shape}, the network's {mine.shape}")
        return Seen(float(np.abs(mine - theirs).max()), float(np.abs(theirs).max()))


def _row(place: Path, network: Network, seen: Seen | None) -> dict[str, Any]:
    names = [] if network.origin is None else [former for former, _ in network.origin.names]
    row: dict[str, Any] = {"network": str(place), "class": network.kind, "inputs": network.inputs}
    row |= {"outputs": network.outputs, "parameters": names, "notes": list(network.notes)}
    return (
        row
        | {"difference": None if seen is None else _finite(seen.difference)}
        | {"largest_output": None if seen is None else _finite(seen.largest)}
    )


def _words(value: float | None) -> str:
    """A number for people, rounded up."""
    return "more than can be said" if value is None else at_most(Fraction(value), digits=4)


def _finite(value: float) -> float | None:
    """The value; None for what JSON has no number for."""
    return value if np.isfinite(value) else None


def _say(row: Mapping[str, Any], data: str | None) -> None:
    count = len(row["parameters"])
    out.say(f"class {row['class']}, {row['inputs']} inputs, {row['outputs']} outputs, {count} arrays by their names")
    for note in row["notes"]:
        out.say(f"note: {note}")
    if data is not None:
        gap, largest = _words(row["difference"]), _words(row["largest_output"])
        out.say(
            f"measured on {data}: outputs differ by {gap} from the original's own, which reach {largest} (float64 here,"
            " there the types of the file)"
        )
    out.say(f"written to {row['network']}")


def _read(model: Path, mlp: bool, budget: int = DEFAULT) -> list[tuple[Network, Outputs]]:
    """Each network, and the outputs that the original has. Raises InputError naming the file."""
    ending = model.suffix.lower()
    if not mlp:
        if ending != ".onnx":
            raise InputError(
                f"{model}: without --mlp a file name ends in .onnx; a state dict of Linear layers needs --mlp, and any"
                " other torch module is read in Python by skipscape.from_torch"
            )
        from numerics.networks.files.onnx import read_onnx

        read = read_onnx(model, budget)
        return [(_named(model, read.network), read.outputs)]
    from numerics.networks.files.state_dicts import chains_of, network_of_chain, own_outputs

    state: Mapping[str, Any]
    if ending in (".pt", ".pth"):
        from numerics.torch_bridge import require_torch

        require_torch()
        from numerics.torch_bridge.state_dicts import read_state_dict

        state = read_state_dict(model, budget)
    elif ending == ".safetensors":
        source = source_of(model, "a state dict", budget)
        state = _named(model, lambda: read_safetensors(source).arrays)
    else:
        raise InputError(f"{model}: a state dict's file name ends in .pt, .pth or .safetensors")
    chains = _named(model, lambda: chains_of(state))
    return [(_named(model, partial(network_of_chain, one)), partial(own_outputs, one)) for one in chains]


def _named(where: object, make: Callable[[], T]) -> T:
    """What is made; an InputError is prefixed by the file's name."""
    try:
        return make()
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
