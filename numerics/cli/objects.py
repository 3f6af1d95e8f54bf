"""Commands about networks and certificates themselves: train one, check one, take a network from a path."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from numerics.arithmetic.budget import GIB
from numerics.arithmetic.levels import given_level
from numerics.arithmetic.rationals import Enclosure, at_most, decimal, parse, text
from numerics.cli.common import (
    DataOption,
    EffortOption,
    ErrorRateOption,
    ForceOption,
    JsonOption,
    LossOption,
    MemoryOption,
    app,
    examples,
    finish,
    out,
    progress,
)
from numerics.common import strict_json
from numerics.data import read_data
from numerics.errors import InputError
from numerics.files import require_writable
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED, loss_named
from numerics.networks.classes import CLASSES
from numerics.networks.files import require_network_name, write_network
from numerics.networks.parallel import Parallel
from numerics.networks.stream import MOST_BLOCKS

LARGEST_WIDTH = 10**6


@app.command(
    epilog=examples(
        "skipscape train digits --width 64 --steps 20 --out net.npz",
        "skipscape train train.npz --class two-layer --width 8 --steps 20 --seed 1 --out net.safetensors",
    )
)
def train(
    data: Annotated[str, typer.Argument(help="digits, diabetes, or an .npz")],
    width: Annotated[int, typer.Option(help="m, the number of first-layer neurons", min=1, max=LARGEST_WIDTH)],
    output: Annotated[Path, typer.Option("--out", help=".npz or .safetensors")],
    branch: Annotated[str, typer.Option(help="widths of the deep branch's layers, e.g. 32,32")] = "32,32",
    kind: Annotated[str, typer.Option("--class", help=f"one of {', '.join(CLASSES)}")] = Parallel.kind,
    blocks: Annotated[int, typer.Option(help="number of residual blocks of a stream", min=1, max=MOST_BLOCKS)] = 1,
    steps: Annotated[int, typer.Option(help="steps of full-batch Adam", min=0, max=10**9)] = 1000,
    seed: Annotated[int, typer.Option(help="seed of the initial weights", min=0, max=2**63 - 1)] = 0,
    kappa: Annotated[float, typer.Option(help="weight of the path-norm mass S in L + kappa S", min=0)] = 0.0,
    rate: Annotated[float, typer.Option(help="Adam's rate at the start, from which it falls to 0")] = 3e-3,
    loss: LossOption = SQUARED.name,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Train a network (needs torch) and print its training loss exactly, of an irrational one an enclosure."""
    from numerics.losses import losses_of
    from numerics.losses.errors import error_rate as share_of_errors
    from numerics.questions.sentences import exactly
    from numerics.torch_bridge import Recipe
    from numerics.torch_bridge import train as run_training

    require_network_name(output)
    require_writable(output, force=force, inputs=[data])
    words = [word.strip() for word in branch.split(",")]
    if not all(word.isdecimal() and int(word[:8]) >= 1 and len(word) <= 6 for word in words):
        raise InputError(f"--branch {branch[:40]!r} is no list of widths below 10^6: give e.g. 32,32")
    widths = tuple(int(word) for word in words)
    recipe = Recipe(
        width,
        branch=widths,
        kind=kind,
        steps=steps,
        rate=rate,
        seed=seed,
        blocks=blocks,
        kappa=kappa,
        loss=loss_named(loss),
    )
    points = read_data(data)
    with progress(as_json) as report:
        network, _ = run_training(
            points,
            recipe,
            progress=lambda step, value: report(f"training, loss {value:.5f}", step / max(1, steps)),
        )
    write_network(output, network, force=force)
    reached = losses_of([network], Problem(points, loss=recipe.loss))[0]
    errors = None if points.labels is None else share_of_errors(network, points)
    if as_json:
        known = {} if errors is None else {"error_rate": Enclosure.of(errors).to_json()}
        answer = {"recipe": recipe.describe(), "network": str(output), "loss": reached.to_json(), **known}
        print(strict_json.dumps(answer))
        return
    out.say(recipe.describe())
    low, high = decimal(reached.lower, up=False), decimal(reached.top, up=True)
    sentence = f"training loss ({recipe.loss.name}) in [{low}, {high}]"
    out.say(sentence if reached.exact is None else f"{sentence}, {exactly(reached.exact)}")
    if errors is not None:
        wrong = int(errors * points.size)
        out.say(f"{wrong} of {points.size} labels are wrong: {at_most(100 * errors, digits=4)}%")
    out.say(f"written to {output}")


@app.command(
    epilog=examples(
        "skipscape check path.cert --data train.npz --start A.npz --end B.npz",
        "skipscape check path.cert --data train.npz --level 2.5 --json",
    )
)
def check(
    certificate: Annotated[Path, typer.Argument(help="the certificate")],
    data: DataOption,
    start: Annotated[Path | None, typer.Option(help="the network that the path must start at")] = None,
    end: Annotated[Path | None, typer.Option(help="the network that it must end at (depth: the reference)")] = None,
    level: Annotated[str | None, typer.Option(help="claim: inside the sub-level set {loss <= B}")] = None,
    error_rate: ErrorRateOption = None,
    memory: MemoryOption = 4.0,
    effort: EffortOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a certificate with the independent checker, which shares no line with what wrote it."""
    from numerics.checker.check import check as run_check
    from numerics.checker.effort import DEFAULT_EFFORT, UNIT
    from numerics.checker.errors import Unusable
    from numerics.questions.result import Result

    with progress(as_json) as report:
        report(f"checking {certificate}", None)
        try:
            allowed = DEFAULT_EFFORT if effort is None else int(effort * UNIT)
            checked = run_check(certificate, data, start, end, level, int(memory * GIB), allowed, error_rate)
        except Unusable as error:
            raise InputError(str(error)) from None
    result, stated = Result.read(checked.to_json()), None if checked.document is None else checked.document.level
    kept = Fraction(int(stated.p), int(stated.q)) if level is None and stated is not None else given_level(level)
    finish(result, as_json, f"{certificate} on {data}", level=kept)


@app.command(
    epilog=examples(
        "skipscape path path.cert --at 1/2 --out middle.npz",
    )
)
def path(
    certificate: Annotated[Path, typer.Argument(help="the certificate")],
    at: Annotated[str, typer.Option(help="path time T in [0, 1]; segments share it equally")],
    output: Annotated[Path, typer.Option("--out", help=".npz or .safetensors")],
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Write the network at a time of a certified path."""
    from numerics.paths import locate
    from numerics.paths.certificate import read_exact_path
    from numerics.paths.exact import network_between
    from numerics.questions.text import KINDS

    require_network_name(output)
    require_writable(output, force=force, inputs=[certificate])
    moment = parse(at, "--at, a path time in [0, 1],")
    if not 0 <= moment <= 1:
        raise InputError(f"--at {at} is outside [0, 1]: path times run from 0 to 1")
    stored = read_exact_path(certificate)
    if not stored.segments:
        raise InputError(f"{certificate} holds no segment: there is no path to take a network from")
    k, t = locate(moment, len(stored.segments))
    network, exact = network_between(stored.segments[k], t)
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
        print(strict_json.dumps(result))
    else:
        kind = KINDS.get(str(result["kind"]), result["kind"])
        out.say(f"segment {k} ({kind}), t = {text(t)}: {rounding}; written to {output}")
