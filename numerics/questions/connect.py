"""C2's question: are two parameters connected inside a sub-level set?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from numerics.arithmetic.levels import Level
from numerics.networks.base import Network
from numerics.networks.spaces import in_one_space
from numerics.paths.question import Question
from numerics.questions import notes, search, sentences
from numerics.questions.bounds import connect_bounds
from numerics.questions.checking import drafting, not_checked
from numerics.questions.finish import beside, ended
from numerics.questions.found import Found
from numerics.questions.request import Request
from numerics.questions.requirements import require_fits
from numerics.questions.result import Result
from numerics.routes.renamed_ends import renamed_ends


def connect(
    request: Request,
    *,
    route: str = "auto",
    level: Level | None = None,
    reference: Network | None = None,
    eta: Fraction | None = None,
    modulo_permutation: bool = False,
) -> Result:
    """A path between start and end by the named route or the best of all; PROVED only after the checker's word.

    Without a level the claim is the certified maximum. `eta`: without a reference, one of `floor(m^eta)` neurons is
    made from the start. `modulo_permutation`: the search is between networks with their hidden units renamed, the
    same functions; where free units let them change places the path goes on to the end itself, else it ends there.
    Raises InputError.
    """
    with request.named():
        start, end, between = request.start, request.second, None
        if modulo_permutation:
            ends = in_one_space(start, end)
            require_fits(ends[0], request.problem)
            between = renamed_ends(*ends, request.problem)
            start, end = between.start, between.end
        found = search.connect(
            start,
            end,
            request.problem,
            route=route,
            reference=reference,
            eta=eta,
            around=None if between is None else between.around,
        )
        found = replace(found, renamed=None if between is None else between.orders)
    met = level is None or found.corners.maximum <= level  # for an enclosed maximum its upper end
    claimed = level if met else None
    with drafting() as draft:
        result = draft.verdict(partial(found.certificate, claimed), request, claimed, found.corners.attained)
    result = result or not_checked(
        Question.CONNECT,
        request.loss,
        found.corners,
        found.corners.claim(found.candidate.tolerance),
        found.certificate(claimed),
    )
    if level is not None and not met and result.proved:
        corners = found.corners
        verdict, claim = sentences.level_missed(request.loss, corners.start, corners.end, corners.maximum, level)
        result = replace(result, verdict=verdict, claim=claim)

    def advice(found: Found) -> Sequence[str]:
        about = notes.fitted_notes(found) if eta is not None else notes.bridge_notes(found, request.files.data)
        renaming = [] if between is None else [between.words]
        return [*notes.loss_notes(request.problem, request.start, request.second), *renaming, *about]

    result = beside(result, found, connect_bounds, advice)
    return ended(replace(result, missed=not met))
