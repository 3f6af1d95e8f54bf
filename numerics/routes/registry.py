"""Every route, found by scanning the modules of `numerics/routes` for `ROUTES`; nothing here names one."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from numerics import routes
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.routes.route import Route

AUTO = "auto"  # the lowest path of the routes that have a turn in it


@dataclass(frozen=True)
class Registry(Shown):
    """Routes in the order in which lists name them."""

    routes: tuple[Route, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What may be asked for: `auto`, then every route's name."""
        return (AUTO, *(route.name for route in self.routes))

    @property
    def descending(self) -> Registry:
        """Those that `depth` takes; `connect` takes all, as two paths to one reference join their starts."""
        return Registry(tuple(route for route in self.routes if route.to_reference is not None))

    def named(self, name: str) -> Route:
        """The route of this name. Raises InputError, which lists all names."""
        for route in self.routes:
            if route.name == name:
                return route
        raise InputError(f"route {name!r} is unknown here: choose one of {', '.join(self.names)}")

    def tried(self, name: str) -> tuple[Route, ...]:
        """What a search by this name goes through, in order: for `auto` the routes with a turn. Raises InputError."""
        if name != AUTO:
            return (self.named(name),)
        turns = [(route.auto, route) for route in self.routes if route.auto is not None]
        return tuple(route for _, route in sorted(turns, key=lambda one: one[0]))

    def including(self, *modules: ModuleType) -> Registry:
        """The same with the routes of more modules. Raises ValueError on a name that is taken."""
        return _ordered((*self.routes, *_declared(modules)))


def collected(modules: Iterable[ModuleType]) -> Registry:
    """The routes that these modules declare in `ROUTES`. Raises ValueError: two of one name, or one called `auto`."""
    return _ordered(_declared(modules))


def modules_of(package: ModuleType) -> tuple[ModuleType, ...]:
    """The modules in a package's folder, by name; packages below it are left alone."""
    found = sorted(one.name for one in pkgutil.iter_modules(package.__path__) if not one.ispkg)
    return tuple(import_module(f"{package.__name__}.{name}") for name in found)


def _declared(modules: Iterable[ModuleType]) -> tuple[Route, ...]:
    return tuple(route for module in modules for route in getattr(module, "ROUTES", ()))


def _ordered(found: Iterable[Route]) -> Registry:
    kept = sorted(found, key=lambda route: route.place)
    taken = {AUTO}
    for route in kept:
        if route.name in taken:
            raise ValueError(f"route {route.name} is declared twice: name one of them otherwise")
        taken.add(route.name)
    return Registry(tuple(kept))


ROUTES = collected(one for one in modules_of(routes) if one.__name__ != __name__)
"""The project's own."""
