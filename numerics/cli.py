"""Certified depths and paths in the loss landscape of ReLU networks with a skip connection.

Exit status 0: done or PROVED; 1: REFUTED, UNDECIDED or a certificate refused; 2: unusable input.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from numerics.answers import Asked, answer_certify, answer_connect, answer_depth
from numerics.arithmetic.budget import GIB
from numerics.arithmetic.rationals import Enclosure, decimal, parse, text
from numerics.data import read_data
from numerics.errors import InputError
from numerics.files import require_writable, write_atomically
from numerics.networks.files import require_network_name, write_network
from numerics.networks.stream import MOST_BLOCKS
from numerics.questions import CONNECT_ROUTES, DEPTH_ROUTES

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=__doc__,
)
ClickException: Any = typer.BadParameter.__mro__[2]  # typer carries its own click; its base error has no public name
LARGEST_WIDTH = 10**6
out = Console(highlight=False, markup=False)
err = Console(stderr=True, highlight=False, markup=False)

DataOption = Annotated[str, typer.Option("--data", help="digits, diabetes, or an .npz with X and Y (or labels)")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]
ForceOption = Annotated[bool, typer.Option("--force", help="overwrite existing outputs")]
MemoryOption = Annotated[float, typer.Option("--memory", help="budget of exact arithmetic in GiB", min=0.001, max=1e6)]


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--out", help="folder for networks, certificates, table and picture")] = Path(
        "out"
    ),
    quick: Annotated[bool, typer.Option("--quick", help="narrower networks, under a minute")] = False,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """The main job on real digits: how deep is this valley, and are these two networks connected? With proofs."""
    from numerics.demo import run

    raise typer.Exit(run(folder, quick=quick, as_json=as_json, force=force, out=out, err=err))


@app.command()
def train(
    data: Annotated[str, typer.Argument(help="digits, diabetes, or an .npz")],
    width: Annotated[int, typer.Option(help="m, the number of first-layer neurons", min=1, max=LARGEST_WIDTH)],
    output: Annotated[Path, typer.Option("--out", help=".npz or .safetensors")],
    branch: Annotated[str, typer.Option(help="widths of the deep branch's layers, e.g. 32,32")] = "32,32",
    kind: Annotated[str, typer.Option("--class", help="parallel, two-layer, residual, stream or plain")] = "parallel",
    blocks: Annotated[int, typer.Option(help="number of residual blocks of a stream", min=1, max=MOST_BLOCKS)] = 1,
    steps: Annotated[int, typer.Option(help="steps of full-batch Adam", min=0, max=10**9)] = 1000,
    seed: Annotated[int, typer.Option(help="seed of the initial weights", min=0, max=2**63 - 1)] = 0,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Train a network (needs torch) and print its training loss exactly."""
    from numerics.losses import exact_losses
    from numerics.torch_bridge import Recipe
    from numerics.torch_bridge import train as run_training

    require_network_name(output)
    require_writable(output, force=force, inputs=[data])
    words = [word.strip() for word in branch.split(",")]
    if not all(word.isdecimal() and int(word[:8]) >= 1 and len(word) <= 6 for word in words):
        raise InputError(f"--branch {branch[:40]!r} is no list of widths below 10^6: give e.g. 32,32")
    widths = tuple(int(word) for word in words)
    recipe = Recipe(width, branch=widths, kind=kind, steps=steps, seed=seed, blocks=blocks)
    points = read_data(data)
    with _progress(as_json) as report:
        network, _ = run_training(
            points,
            recipe,
            progress=lambda step, loss: report(f"training, loss {loss:.5f}", step / max(1, steps)),
        )
    write_network(output, network, force=force)
    loss = exact_losses([network], points)[0]
    if as_json:
        answer = {"recipe": recipe.describe(), "network": str(output), "loss": Enclosure.exact(loss).as_json()}
        print(json.dumps(answer, indent=2))
        return
    out.print(recipe.describe(), soft_wrap=True)
    fraction = text(loss)
    shown = fraction if len(fraction) <= 120 else f"{len(fraction)} characters, in --json"
    out.print(
        f"training loss in [{decimal(loss, up=False)}, {decimal(loss, up=True)}], exactly {shown}",
        soft_wrap=True,
    )
    out.print(f"written to {output}", soft_wrap=True)


@app.command()
def depth(
    network: Annotated[Path, typer.Argument(help="the parameter in question")],
    data: DataOption,
    reference: Annotated[Path, typer.Option(help="a two-layer network with fewer neurons")],
    route: Annotated[str, typer.Option(help=f"one of {', '.join(DEPTH_ROUTES)}")] = "auto",
    certificate: Annotated[Path | None, typer.Option("--out", help="where to write the certificate")] = None,
    memory: MemoryOption = 4.0,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """The paper's question at one parameter: is it shallow? A certified upper bound of its depth."""
    from numerics.report import print_answer

    if certificate is not None:
        require_writable(certificate, force=force, inputs=[data, network, reference])
    asked = Asked(data, network, reference, memory)
    with _progress(as_json) as report:
        result, _ = answer_depth(asked, route=route, certificate=certificate, force=force, report=report)
    _finish(result, as_json, lambda: print_answer(out, f"{network} on {data}, reference {reference}", result))


@app.command()
def connect(
    start: Annotated[Path, typer.Argument(help="the network that the path starts at")],
    end: Annotated[Path, typer.Argument(help="the network that it ends at")],
    data: DataOption,
    certificate: Annotated[Path | None, typer.Option("--out", help="where to write the certificate")] = None,
    level: Annotated[str | None, typer.Option(help="claim: inside the sub-level set {loss <= B}")] = None,
    route: Annotated[str, typer.Option(help=f"one of {', '.join(CONNECT_ROUTES)}")] = "auto",
    reference: Annotated[Path | None, typer.Option(help="a two-layer network, for the routes through one")] = None,
    loss: Annotated[str, typer.Option(help="squared")] = "squared",
    memory: MemoryOption = 4.0,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Are two parameters connected inside a sub-level set? A path between them, certified for every t."""
    from numerics.report import print_answer

    if loss != "squared":
        raise InputError(f"loss {loss!r} is not covered yet: squared is")
    if certificate is not None:
        others = [] if reference is None else [reference]
        require_writable(certificate, force=force, inputs=[data, start, end, *others])
    asked = Asked(data, start, end, memory)
    with _progress(as_json) as report:
        result, _ = answer_connect(
            asked,
            route=route,
            level=level,
            reference=reference,
            certificate=certificate,
            force=force,
            report=report,
        )
    _finish(result, as_json, lambda: print_answer(out, f"{start} -> {end} on {data}", result))


@app.command()
def certify(
    networks: Annotated[list[Path], typer.Argument(help="the corners of the path, in order: at least two networks")],
    data: DataOption,
    level: Annotated[str | None, typer.Option(help="claim: inside the sub-level set {loss <= B}")] = None,
    tolerance: Annotated[str | None, typer.Option(help="relative gap of the enclosure, default 1e-6")] = None,
    certificate: Annotated[Path | None, typer.Option("--out", help="where to write the certificate")] = None,
    plot: Annotated[Path | None, typer.Option(help=".png: the enclosure against 61 samples a segment")] = None,
    samples: Annotated[bool, typer.Option("--samples", help="also what 61 samples a segment would have seen")] = False,
    memory: MemoryOption = 4.0,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """The rigorous maximum of the loss over a polygonal path between networks of one shape, all weights moving."""
    from numerics.report import print_answer

    for output in (certificate, plot):
        if output is not None:
            require_writable(output, force=force, inputs=[data, *networks])
    if plot is not None and (plot.suffix.lower() != ".png" or plot == certificate):
        raise InputError(f"{plot}: a picture's file name ends in .png")
    with _progress(as_json) as report:
        result, found, seen = answer_certify(
            data,
            networks,
            level=level,
            tolerance=tolerance,
            samples=samples or plot is not None,
            certificate=certificate,
            memory=memory,
            force=force,
            report=report,
        )
    if plot is not None and seen is not None:
        from numerics.band import enclosure_picture

        words = " -> ".join(network.stem for network in networks)
        picture = enclosure_picture(found, seen, title=words, verdict=result["verdict"])
        write_atomically(plot, picture, force=force)
    title = f"{' -> '.join(map(str, networks))} on {data}"
    _finish(result, as_json, lambda: print_answer(out, title, result))


@app.command()
def check(
    certificate: Annotated[Path, typer.Argument(help="the certificate")],
    data: DataOption,
    start: Annotated[Path | None, typer.Option(help="the network that the path must start at")] = None,
    end: Annotated[Path | None, typer.Option(help="the network that it must end at (depth: the reference)")] = None,
    level: Annotated[str | None, typer.Option(help="claim: inside the sub-level set {loss <= B}")] = None,
    memory: MemoryOption = 4.0,
    as_json: JsonOption = False,
) -> None:
    """Check a certificate with the independent checker, which shares no line with what wrote it."""
    from numerics.checker.check import check as run_check
    from numerics.checker.errors import Unusable
    from numerics.report import print_answer

    try:
        result = run_check(certificate, data, start, end, level, int(memory * GIB)).to_json()
    except Unusable as error:
        raise InputError(str(error)) from None
    _finish(result, as_json, lambda: print_answer(out, f"{certificate} on {data}", result))


@app.command()
def path(
    certificate: Annotated[Path, typer.Argument(help="the certificate")],
    at: Annotated[str, typer.Option(help="path time T in [0, 1]; segments share it equally")],
    output: Annotated[Path, typer.Option("--out", help=".npz or .safetensors")],
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Write the network at a time of a certified path."""
    from numerics.certificate import read_path
    from numerics.paths import between, locate

    require_network_name(output)
    require_writable(output, force=force, inputs=[certificate])
    moment = parse(at, "--at, a path time in [0, 1],")
    if not 0 <= moment <= 1:
        raise InputError(f"--at {at} is outside [0, 1]: path times run from 0 to 1")
    stored = read_path(certificate)
    if not stored.segments:
        raise InputError(f"{certificate} holds no segment: there is no path to take a network from")
    k, t = locate(moment, len(stored.segments))
    network, exact = between(stored.segments[k].start, stored.segments[k].end, t)
    write_network(output, network, force=force)
    rounding = "exactly" if exact else "each weight rounded to the nearest float64"
    result = {
        "network": str(output),
        "segment": k,
        "t": text(t),
        "kind": stored.segments[k].kind,
        "exact": exact,
    }
    if as_json:
        print(json.dumps(result, indent=2))
    else:
        out.print(f"segment {k} ({result['kind']}), t = {text(t)}: {rounding}; written to {output}", soft_wrap=True)


def main() -> None:
    """Entry point: errors of the input are one line on standard error, never a traceback."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # file names need not be printable
    sys.exit(_status())


def _status() -> int:
    """Run the command line and return its exit status; every error of the input becomes one line."""
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        return _complain(str(error))
    except typer.Exit as stop:
        return stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except ClickException as error:
        return _complain(f"{error.format_message()} (see skipscape --help)")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: not an error to speak of
        return 1
    except MemoryError:
        return _complain("the machine has too little memory for this input: use narrower networks or fewer samples")
    except OSError as error:
        return _complain(f"{error.filename or 'output'}: {error.strerror or error}: choose another place or name")
    return status if isinstance(status, int) else 0


def _stop(number: int, frame: object) -> None:
    """A signal to end: unwind, so that temporary files and the checker's process go too."""
    raise SystemExit(128 + number)


def _complain(message: str) -> int:
    print(f"skipscape: {' '.join(message.split())}", file=sys.stderr)
    return 2


@contextmanager
def _progress(quiet: bool) -> Iterator[Any]:
    """A `report(stage, share)` that draws a bar on standard error where a person looks at one."""
    if quiet or not err.is_terminal:
        yield lambda stage, share: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda stage, share: bar.update(task, description=stage, completed=share)


def _finish(result: dict[str, Any], as_json: bool, show: Callable[[], None]) -> None:
    if as_json:
        print(json.dumps(result, indent=2))
    else:
        show()
        if result.get("certificate"):
            seconds = result["check_seconds"]
            out.print(
                f"certificate {result['certificate']}, checked in {seconds} s by a process of its own", soft_wrap=True
            )
        elif "certificate" in result and result["verdict"] != "PROVED":
            out.print("no certificate was written: this claim is not proved")
    raise typer.Exit(0 if result["verdict"] == "PROVED" else 1)
