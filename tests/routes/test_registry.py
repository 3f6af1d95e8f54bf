"""The registry of routes: what is in it, what is refused, and that a search takes routes from elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.networks import CLASSES, TwoLayer
from numerics.networks.base import Network
from numerics.networks.classes import FLAT, SKIP
from numerics.paths import polygon
from numerics.questions import search
from numerics.questions.bounds import connect_bounds
from numerics.routes.candidate import Candidate, Candidates
from numerics.routes.registry import ROUTES, collected, modules_of
from numerics.routes.route import Route
from theory.catalogue import CATALOGUE

NAMES = [
    "auto",
    "line",
    "bridge",
    "half-width",
    "half-channels",
    "half-groups",
    "half-stream",
    "unread",
    "halves",
    "refit",
    "finite-sample",
    "zero",
    "pigeonhole",
    "packing",
    "mass",
    "prune",
    "pairing",
    "rank",
    "staged",
    "measured",
    "close-pairing",
    "curve",
    "polygon",
]
"""As lists for people have them; `depth` has none of those that lead to no reference."""
BETWEEN = {
    "line",
    "bridge",
    "half-width",
    "half-channels",
    "half-groups",
    "half-stream",
    "halves",
    "finite-sample",
    "curve",
    "polygon",
}
CLASSES_OF = {
    "line": tuple(CLASSES),
    "curve": tuple(CLASSES),
    "polygon": tuple(CLASSES),
    "zero": tuple(CLASSES),
    "half-width": ("plain",),
    "half-channels": ("graph",),
    "half-groups": ("graph",),
    "half-stream": ("residual", "stream", "post", "graph"),
    "finite-sample": FLAT,
    "unread": ("post",),
    "close-pairing": FLAT,
}
DATA = Data(np.array([[1.0], [2.0]]), np.array([[2.0], [2.0]]))
A = TwoLayer(W=np.array([[1.0], [1.0]]), V=np.array([[1.0, 0.0]]))
B = TwoLayer(W=np.array([[1.0], [2.0]]), V=np.array([[0.0, 0.5]]))


def straight(start: Network, end: Network, problem: Problem) -> Candidate:
    """The line, with an estimate below all others."""
    return Candidate("some other name", polygon((start, end)), 0.0)


def never(start: Network, end: Network, problem: Problem) -> Candidate:
    raise InputError("it never does")


def module(*routes: Route) -> ModuleType:
    found = ModuleType("toy")
    found.ROUTES = routes
    return found


def test_names_and_turns() -> None:
    """In the order in which errors and help list them, and in which `auto` tries them."""
    assert list(ROUTES.names) == NAMES
    assert list(ROUTES.descending.names) == [name for name in NAMES if name not in BETWEEN]
    assert [route.name for route in ROUTES.tried("auto")] == [
        "bridge",
        "half-width",
        "half-channels",
        "half-groups",
        "half-stream",
        "unread",
        "halves",
        "refit",
        "finite-sample",
        "close-pairing",
        "measured",
        "zero",
        "line",
    ]
    assert [route.name for route in ROUTES.tried("prune")] == ["prune"]
    assert {route.name for route in ROUTES.routes if route.referenced} == set(NAMES) - BETWEEN - {
        "auto",
        "zero",
        "unread",
    }
    with pytest.raises(
        InputError, match="route 'bridge' is unknown here: choose one of auto, unread, refit, zero, pigeonhole"
    ):
        ROUTES.descending.tried("bridge")


def test_routes_are_of_statements_that_exist_and_bounds_are_levels() -> None:
    """But the line and trained curves, all are. What the levels say: the largest of all corner losses."""
    for route in ROUTES.routes:
        assert (route.statement in CATALOGUE.statements) == (route.name not in ("line", "curve", "polygon"))
        assert route.bound is None or route.bound in CATALOGUE.levels
        assert route.classes == CLASSES_OF.get(route.name, SKIP)
    assert set(CATALOGUE.levels) == {"T4", "T6", "R6", "T9", "T9C", "T9G", "T9S"}
    for level in CATALOGUE.levels.values():
        assert [level(losses) for losses in ((3, 1), (1, 5, 2), (1, 2, 4, 3), (0, 0, 7))] == [3, 5, 4, 7]
        with pytest.raises(ValueError, match="two ends"):
            level((1,))


def test_classes_by_what_they_can() -> None:
    """Those of section 0; PLAIN and POST have no skip that sums alone reach, RESIDUAL, STREAM and POST write back."""
    assert tuple(CLASSES) == ("two-layer", "parallel", "residual", "stream", "post", "plain")
    assert (tuple(CLASSES)[:4], ("two-layer", "parallel")) == (SKIP, FLAT)
    assert [kind for kind, one in CLASSES.items() if not one.has_branch] == ["two-layer"]
    assert [kind for kind, one in CLASSES.items() if one.has_blocks] == ["stream", "post"]
    assert [kind for kind, one in CLASSES.items() if not one.adds_linearly] == ["post"]


def test_a_search_takes_more_routes() -> None:
    """Handed in as modules: `auto` tries it in its turn and takes it by its own name, with the bound it claims."""
    wider = ROUTES.including(module(Route(name="toy", bound="T6", between=straight, auto=1)))
    found = search.connect(A, B, Problem(DATA), routes=wider)
    assert next(iter(found.routes)) == "toy"
    direct = search.connect(A, B, Problem(DATA), route="toy", routes=wider)
    assert (direct.candidate.route, direct.routes) == ("toy", {"toy": "taken"})
    assert connect_bounds(direct)["T6"].value >= max(loss.top for loss in direct.corners.losses)
    assert "T6" not in connect_bounds(search.connect(A, B, Problem(DATA), route="line"))
    with pytest.raises(InputError, match="route 'toy' is unknown here"):
        search.connect(A, B, Problem(DATA), route="toy")


def test_a_package_can_be_handed_to_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`modules_of` reads a folder by name; files without `ROUTES` are passed over."""
    package = tmp_path / "own_routes"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "helper.py").write_text("", encoding="utf-8")
    text = "from numerics.routes.route import Route\nfrom numerics.routes.zero import zero\n"
    (package / "toy.py").write_text(f'{text}ROUTES = (Route(name="toy", between=zero),)\n', encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import own_routes

    assert collected(modules_of(own_routes)).names == ("auto", "toy")
    assert ROUTES.including(*modules_of(own_routes)).names == (*NAMES, "toy")
    for name in [name for name in sys.modules if name.startswith("own_routes")]:
        monkeypatch.delitem(sys.modules, name)


def test_a_route_that_does_not_apply_ends_auto_only_where_it_always_should() -> None:
    """Its reason is told beside the path that was found; by name, and with `always`, it is the error."""
    for options in ({"between": never}, {"to_reference": never}):
        wider = ROUTES.including(module(Route(name="toy", auto=1, **options)))
        narrow = TwoLayer(W=np.array([[1.0]]), V=np.array([[0.5]]))
        found = search.connect(A, B, Problem(DATA), reference=narrow, routes=wider)
        assert found.routes["toy"] == "does not apply: it never does"
        with pytest.raises(InputError, match="it never does"):
            search.connect(A, B, Problem(DATA), reference=narrow, route="toy", routes=wider)
    strict = ROUTES.including(module(Route(name="toy", between=never, auto=1, always=True)))
    with pytest.raises(InputError, match="it never does"):
        search.connect(A, B, Problem(DATA), routes=strict)
    alone = collected([module(Route(name="toy", between=never, auto=1))])
    with pytest.raises(InputError, match="route toy does not apply: it never does"):
        search.connect(A, B, Problem(DATA), routes=alone)


def test_a_route_is_asked_only_about_classes_that_it_takes() -> None:
    """By name an error; in `auto` a reason."""
    wider = ROUTES.including(module(Route(name="toy", between=straight, auto=1, classes=("stream",))))
    assert "takes networks of class stream" in search.connect(A, B, Problem(DATA), routes=wider).routes["toy"]
    with pytest.raises(InputError, match="route toy takes networks of class stream: this one is two-layer"):
        search.connect(A, B, Problem(DATA), route="toy", routes=wider)


def test_what_does_not_fit_is_refused() -> None:
    """A name that is taken or that no certificate holds, a route that searches nothing, a search that says nothing."""
    for name in ("bridge", "auto"):
        with pytest.raises(ValueError, match=f"route {name} is declared twice"):
            ROUTES.including(module(Route(name=name, between=straight)))
    for name in ("", "Toy", "a_b", "a\n"):
        with pytest.raises(ValueError, match="a name has small letters"):
            Route(name=name, between=straight)
    with pytest.raises(ValueError, match="route toy searches nothing"):
        Route(name="toy")
    with pytest.raises(ValueError, match="says why"):
        Candidates(())
    with pytest.raises(ValueError, match="leads to no reference"):
        Route(name="toy", between=straight).descending(A, B, Problem(DATA))
    with pytest.raises(ValueError, match="goes through a reference"):
        Route(name="toy", to_reference=never).joining(A, B, Problem(DATA))
