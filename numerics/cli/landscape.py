"""Commands that ask about a landscape: is it shallow, is it connected, how high is this path?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from numerics.arithmetic.budget import GIB
from numerics.arithmetic.levels import given_level
from numerics.cli.common import (
    DataOption,
    EffortOption,
    ForceOption,
    JsonOption,
    MemoryOption,
    app,
    finish,
    out,
    progress,
)
from numerics.errors import InputError
from numerics.files import require_writable
from numerics.plots import canvas
from numerics.questions.answers import Asked, answer_certify, answer_connect, answer_depth
from numerics.questions.search import CONNECT_ROUTES, DEPTH_ROUTES


@app.command()
def depth(
    network: Annotated[Path, typer.Argument(help="the parameter in question")],
    data: DataOption,
    reference: Annotated[Path, typer.Option(help="a two-layer network with fewer neurons")],
    route: Annotated[str, typer.Option(help=f"one of {', '.join(DEPTH_ROUTES)}")] = "auto",
    certificate: Annotated[Path | None, typer.Option("--out", help="where to write the certificate")] = None,
    memory: MemoryOption = 4.0,
    effort: EffortOption = None,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """The paper's question at one parameter: is it shallow? A certified upper bound of its depth."""
    from numerics.questions.text import print_answer

    if certificate is not None:
        require_writable(certificate, force=force, inputs=[data, network, reference])
    asked = Asked(data, network, reference, memory, effort)
    with progress(as_json) as report:
        result, _ = answer_depth(asked, route=route, certificate=certificate, force=force, report=report)
    finish(result, as_json, lambda: print_answer(out, f"{network} on {data}, reference {reference}", result))


@app.command()
def connect(
    start: Annotated[Path, typer.Argument(help="the network that the path starts at")],
    end: Annotated[Path, typer.Argument(help="the network that it ends at")],
    data: DataOption,
    certificate: Annotated[Path | None, typer.Option("--out", help="where to write the certificate")] = None,
    level: Annotated[str | None, typer.Option(help="claim: inside the sub-level set {loss <= B}")] = None,
    route: Annotated[str, typer.Option(help=f"one of {', '.join(CONNECT_ROUTES)}")] = "auto",
    reference: Annotated[Path | None, typer.Option(help="a two-layer network, for the routes through one")] = None,
    eta: Annotated[str | None, typer.Option(help="without one: fit floor(m^ETA) of the first's neurons")] = None,
    loss: Annotated[str, typer.Option(help="squared")] = "squared",
    memory: MemoryOption = 4.0,
    effort: EffortOption = None,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Are two parameters connected inside a sub-level set? A path between them, certified for every t."""
    from numerics.questions.text import print_answer

    if loss != "squared":
        raise InputError(f"loss {loss!r} is not covered: squared is")
    if certificate is not None:
        others = [] if reference is None else [reference]
        require_writable(certificate, force=force, inputs=[data, start, end, *others])
    asked = Asked(data, start, end, memory, effort)
    with progress(as_json) as report:
        result, _ = answer_connect(
            asked,
            route=route,
            level=level,
            reference=reference,
            eta=eta,
            certificate=certificate,
            force=force,
            report=report,
        )
    finish(result, as_json, lambda: print_answer(out, f"{start} -> {end} on {data}", result, level=given_level(level)))


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
    effort: EffortOption = None,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """The rigorous maximum of the loss over a polygonal path between networks of one shape, all weights moving."""
    from numerics.questions.text import print_answer

    for output in (certificate, plot):
        if output is not None:
            require_writable(output, force=force, inputs=[data, *networks])
    if plot is not None and (plot.suffix.lower() != ".png" or plot == certificate):
        raise InputError(f"{plot}: a picture's file name ends in .png")
    with progress(as_json) as report:
        result, found, seen = answer_certify(
            data,
            networks,
            level=level,
            tolerance=tolerance,
            samples=samples or plot is not None,
            certificate=certificate,
            memory=memory,
            effort=effort,
            force=force,
            report=report,
        )
    if plot is not None and seen is not None:
        from numerics.plots.enclosure import enclosure_picture

        words = " -> ".join(network.stem for network in networks)
        budget, verdict = int(memory * GIB), result["verdict"]
        result["notes"] += canvas.written(
            plot, lambda: enclosure_picture(found, seen, words=words, verdict=verdict, budget=budget), force=force
        )
    title = f"{' -> '.join(map(str, networks))} on {data}"
    finish(result, as_json, lambda: print_answer(out, title, result, level=given_level(level)))
