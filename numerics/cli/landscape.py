"""Commands that ask about a landscape: is it shallow, is it connected, how high is this path?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from numerics.arithmetic.budget import GIB
from numerics.arithmetic.levels import given_as, given_level
from numerics.arithmetic.rationals import parse
from numerics.cli.common import (
    AllBoundsOption,
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
    progress,
)
from numerics.common.progress import Progress
from numerics.data import read_data
from numerics.errors import InputError
from numerics.files import require_writable
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED, known, loss_named
from numerics.maxima.search import TOLERANCE
from numerics.networks.files import read_network
from numerics.plots import canvas
from numerics.questions.enclose import POLYGON, Certified
from numerics.questions.finish import saved
from numerics.questions.request import Files, Request
from numerics.routes.one_slot import ROUTE
from numerics.routes.registry import AUTO, ROUTES

PROFILED = 8  # steps of a profile


@app.command(
    epilog=examples(
        "skipscape depth A.npz --data train.npz --steps 2 --profile",
        "skipscape depth A.npz --data train.npz --reference ref.npz --out depth.cert",
        "skipscape depth A.npz --data train.npz --reference ref.npz --route refit --all-bounds",
    )
)
def depth(
    network: Annotated[Path, typer.Argument(help="the parameter in question")],
    data: DataOption,
    reference: Annotated[
        Path | None, typer.Option(help="a two-layer network with fewer neurons; without one: a way down by one slot")
    ] = None,
    route: Annotated[str, typer.Option(help=f"to a reference: one of {', '.join(ROUTES.descending.names)}")] = AUTO,
    steps: Annotated[int | None, typer.Option(help="without one: so many times, default 1, with --profile 8")] = None,
    block: Annotated[int | None, typer.Option(help="without one: slots emptied at once, default 1")] = None,
    profile: Annotated[bool, typer.Option("--profile", help="climb and level of every step")] = False,
    plot: Annotated[Path | None, typer.Option(help=".png: the staircase of climb against the level")] = None,
    certificate: Annotated[Path | None, typer.Option("--out", help="where to write the certificate")] = None,
    loss: LossOption = SQUARED.name,
    error_rate: ErrorRateOption = None,
    memory: MemoryOption = 4.0,
    effort: EffortOption = None,
    all_bounds: AllBoundsOption = False,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Is it shallow? How far a path must climb to a lower loss, certified: one slot at a time, or to a reference."""
    from numerics.questions.depth import depth as answer
    from numerics.questions.depth import way_down

    share = given_as("--error-rate", error_rate)

    def asked(report: Progress) -> Request:
        return Request.read(
            data,
            network,
            reference,
            memory=memory,
            effort=effort,
            progress=report,
            loss=loss,
            error_rate=share,
        )

    inputs: list[str | Path] = [data, network, *([] if reference is None else [reference])]
    _require_outputs(certificate, plot, force=force, inputs=inputs)
    if reference is None:
        if route not in (AUTO, ROUTE):
            raise InputError(
                f"--route {route} leads to a two-layer reference: give one with --reference, or leave it out"
            )
        number = steps if steps is not None else PROFILED if profile or plot is not None else 1
        with progress(as_json) as report:
            found = way_down(asked(report), steps=number, block=1 if block is None else block)
            result = saved(found, certificate, force=force)
        if plot is not None and result.profile:
            from numerics.plots.staircase import staircase_picture

            words = f"{network.stem}: {result.verdict}"
            notes = canvas.written(plot, lambda: staircase_picture(result, words=words), force=force)
            result = replace(result, notes=(*result.notes, *notes))
        finish(result, as_json, f"{network} on {data}", all_bounds=all_bounds, profile=profile)
    if steps is not None or block is not None or profile or plot is not None:
        raise InputError("--steps, --block, --profile and --plot are about a depth without --reference: leave one out")
    with progress(as_json) as report:
        result = saved(answer(asked(report), route=route), certificate, force=force)
    finish(result, as_json, f"{network} on {data}, reference {reference}", all_bounds=all_bounds)


@app.command(
    epilog=examples(
        "skipscape connect A.npz B.npz --data train.npz --out path.cert",
        "skipscape connect A.npz B.npz --data train.npz --reference ref.npz --level 2.5 --json",
    )
)
def connect(
    start: Annotated[Path, typer.Argument(help="the network that the path starts at")],
    end: Annotated[Path, typer.Argument(help="the network that it ends at")],
    data: DataOption,
    certificate: Annotated[Path | None, typer.Option("--out", help="where to write the certificate")] = None,
    level: Annotated[str | None, typer.Option(help="claim: inside the sub-level set {loss <= B}")] = None,
    route: Annotated[str, typer.Option(help=f"one of {', '.join(ROUTES.names)}")] = AUTO,
    reference: Annotated[Path | None, typer.Option(help="a two-layer network, for the routes through one")] = None,
    eta: Annotated[str | None, typer.Option(help="without one: fit floor(m^ETA) of the first's neurons")] = None,
    modulo_permutation: Annotated[
        bool,
        typer.Option(
            "--modulo-permutation",
            help="hidden units matched and renamed; they go back on the path where some are free",
        ),
    ] = False,
    loss: LossOption = SQUARED.name,
    error_rate: ErrorRateOption = None,
    memory: MemoryOption = 4.0,
    effort: EffortOption = None,
    all_bounds: AllBoundsOption = False,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Are two networks connected inside a sub-level set? A path between them, certified for every t."""
    from numerics.questions.connect import connect as answer

    others = [] if reference is None else [reference]
    if certificate is not None:
        require_writable(certificate, force=force, inputs=[data, start, end, *others])
    bound, share = given_level(level), given_as("--error-rate", error_rate)
    power = None if eta is None else parse(eta, "--eta")
    with progress(as_json) as report:
        request = Request.read(
            data,
            start,
            end,
            others=others,
            memory=memory,
            effort=effort,
            progress=report,
            loss=loss,
            error_rate=share,
        )
        via = None if reference is None else read_network(reference, request.problem.budget)
        result = answer(
            request, route=route, level=bound, reference=via, eta=power, modulo_permutation=modulo_permutation
        )
        result = saved(result, certificate, force=force)
    finish(result, as_json, f"{start} -> {end} on {data}", level=bound, all_bounds=all_bounds)


@app.command(
    epilog=examples(
        "skipscape certify A.npz M.npz B.npz --data train.npz --out line.cert",
        "skipscape certify A.npz B.npz --data train.npz --samples --plot line.png --tolerance 1e-4",
        "skipscape certify A.npz C.npz B.npz --data train.npz --curve bezier",
        "skipscape certify line.cert --data held-out.npz",
    )
)
def certify(
    networks: Annotated[
        list[Path], typer.Argument(help="the corners of the path, in order: at least two networks, or a certificate")
    ],
    data: DataOption,
    level: Annotated[str | None, typer.Option(help="claim: inside the sub-level set {loss <= B}")] = None,
    curve: Annotated[
        str, typer.Option(help="polygon, or bezier: three networks are start, control and end of an arc")
    ] = POLYGON,
    tolerance: Annotated[str | None, typer.Option(help="relative gap of the enclosure, default 1e-6")] = None,
    certificate: Annotated[Path | None, typer.Option("--out", help="where to write the certificate")] = None,
    plot: Annotated[Path | None, typer.Option(help=".png: the enclosure against 61 samples a segment")] = None,
    modulo_permutation: Annotated[
        bool, typer.Option("--modulo-permutation", help="networks after the first may have their hidden units renamed")
    ] = False,
    samples: Annotated[bool, typer.Option("--samples", help="also what 61 samples a segment would have seen")] = False,
    loss: Annotated[
        str | None, typer.Option("--loss", help=f"one of {', '.join(known())}; default: squared, or the certificate's")
    ] = None,
    error_rate: ErrorRateOption = None,
    memory: MemoryOption = 4.0,
    effort: EffortOption = None,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """The rigorous maximum of the loss over a polygon or Bezier arc of networks of one shape, all weights moving.

    Or over the path of a certificate, on other data than it was made for: what holds on held-out points?
    """
    from numerics.questions.certify import certify as answer
    from numerics.questions.stored import is_certificate, stored_path

    _require_outputs(certificate, plot, force=force, inputs=[data, *networks])
    bound, share = given_level(level), given_as("--error-rate", error_rate)
    gap = TOLERANCE if tolerance is None else parse(tolerance, "--tolerance")
    stored = stored_path(networks[0]) if len(networks) == 1 and is_certificate(networks[0]) else None
    if stored is not None and curve != POLYGON:
        raise InputError(f"{networks[0]}: a certified path has its own segments: leave out --curve")
    if stored is None and len(networks) < 2:
        raise InputError(
            "certify needs at least two networks, the corners of the path in order, or the certificate of a path"
        )
    with progress(as_json) as report:
        if stored is None:
            first, *between, last = networks
            request = Request.read(
                data,
                first,
                last,
                others=between,
                memory=memory,
                effort=effort,
                progress=report,
                loss=SQUARED.name if loss is None else loss,
                error_rate=share,
            )
            inner = [read_network(corner, request.problem.budget) for corner in between]
        else:
            budget = int(memory * GIB)
            problem = Problem(
                read_data(data, budget), budget, report, loss_named(stored.loss if loss is None else loss)
            )
            inner = []
            request = Request(
                problem, stored.path.start, stored.path.end, Files(data, others=(networks[0],)), effort, share
            )
        result = answer(
            request,
            inner,
            path=None if stored is None else stored.path,
            curve=curve,
            level=bound,
            tolerance=gap,
            samples=samples or plot is not None,
            wanted=certificate is not None,
            modulo_permutation=modulo_permutation,
        )
        if stored is not None:
            result = replace(result, notes=(*stored.notes, *result.notes))
        result = saved(result, certificate, force=force)
    if plot is not None and result.samples is not None and isinstance(result.found, Certified):
        from numerics.plots.enclosure import enclosure_picture

        words = " -> ".join(network.stem for network in networks)
        found, seen, verdict = result.found, result.samples, result.verdict
        notes = canvas.written(plot, lambda: enclosure_picture(found, seen, words=words, verdict=verdict), force=force)
        result = replace(result, notes=(*result.notes, *notes))
    finish(result, as_json, f"{' -> '.join(map(str, networks))} on {data}", level=bound)


def _require_outputs(certificate: Path | None, plot: Path | None, *, force: bool, inputs: Sequence[str | Path]) -> None:
    """Raise InputError unless both can be written, each to a file of its own."""
    for output in (certificate, plot):
        if output is not None:
            require_writable(output, force=force, inputs=inputs)
    if plot is not None and plot.suffix.lower() != ".png":
        raise InputError(f"{plot}: a picture's file name ends in .png")
    if plot is not None and plot == certificate:
        raise InputError(f"{plot} is to be both certificate and picture: give --plot a name of its own")
