"""The second checker's arguments for valleys (section 7 of the page), with Fractions, slowly and obviously."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product

from support.second_checker.archive import Corner, Refused, Table, exact, need
from support.second_checker.floors import clusters, mean, positivity

Row = list[Fraction]
Neuron = tuple[Row, Fraction | None]
"""Its row of W, and V_j where no branch reads it too."""
Cone = tuple[tuple[int, ...], ...]
"""For each neuron a sign for each line and, where V_j is known, one more for it."""


def unavoidable(
    network_class: str, start: Corner, loss: Fraction, bias: int, X: Table, Y: Table, end: Corner | None = None
) -> Fraction:
    """A loss that every path from the start meets that leads to one below `loss`, or to the end; raises Refused."""
    need(len(Y[0]) == 1, "valley: more than one output")
    need("c" not in start, "valley: an output bias")
    y = [Fraction(row[0]) for row in Y]
    if network_class == "plain":
        need(end is None, "pass: class plain")
        return sign_of_u(start, loss, y)
    need(network_class != "post", "valley: class post")
    need(all(name.rpartition(".")[2][0].isupper() for name in start), "valley: a bias")
    points = [[*row, Fraction(1)] if bias else row for row in exact(X)]
    without_branch = network_class == "two-layer"
    ends = neurons_of(start, without_branch), None if end is None else neurons_of(end, without_branch)
    arguments: list[Callable[[], Fraction]] = [lambda: between_cones(*ends, points, y, loss)]
    if end is None:
        arguments.append(lambda: clusters(network_class, start, loss, points, y))
        arguments += [lambda: positivity(start, loss, points, y)] if without_branch else []
    found: list[Fraction] = []
    reasons: list[str] = []
    for argument in arguments:
        try:
            found.append(argument())
        except Refused as refusal:
            reasons.append(str(refusal))
    need(bool(found), "; ".join(reasons))
    return max(found)


def neurons_of(weights: Corner, without_branch: bool) -> list[Neuron]:
    """For each neuron its row of W, and V_j if no branch reads it too."""
    W = exact(weights["W"])
    V = exact(weights["V"])[0] if without_branch else [None] * len(W)
    return list(zip(W, V, strict=True))


def sign_of_u(start: Corner, loss: Fraction, y: Row) -> Fraction:
    """T5: through f = 0."""
    need(len(start["U"][0]) == 1, "valley: the last hidden layer is not of width one")
    u = start["U"][0][0]
    need(u != 0, "valley: u is zero")
    s = 1 if u > 0 else -1
    need(loss == mean(max(-s * v, Fraction(0)) ** 2 for v in y), "valley: not the best h of this side")
    need(any(s * v > 0 for v in y), "valley: no target on this side")
    return mean(v * v for v in y)


def between_cones(start: list[Neuron], end: list[Neuron] | None, points: list[Row], y: Row, loss: Fraction) -> Fraction:
    """The lowest level at which some chain of cones leads from the start's to the end's, or to one that allows less."""
    places, directions = list[tuple[int | None, int]](), list[Row]()
    for x in points:
        line, side = None, 0
        if any(x):
            found = [(i, multiple(x, d)) for i, d in enumerate(directions) if multiple(x, d)]
            if not found:
                directions.append(x)
            line, factor = found[0] if found else (len(directions) - 1, 1)
            side = 1 if factor > 0 else -1
        places.append((line, side))
    signs = len(directions) + (start[0][1] is not None)
    need(len(start) * signs <= 12, "valley: too many cones")

    def bound(cone: Cone) -> Fraction:
        missed, alone = Row(), [(Row(), Row()) for _ in start]
        for (line, side), v in zip(places, y, strict=True):
            active = [j for j in range(len(start)) if line is not None and cone[j][line] == side]
            if signs > len(directions):
                reached = {cone[j][-1] for j in active}
                missed += [v] if v * max(reached | {0}) <= 0 and v * min(reached | {0}) <= 0 else []
                continue
            if not active:
                missed.append(v)
            if len(active) == 1:
                alone[active[0]][v > 0].append(v)
        squares = sum((v * v for v in missed), Fraction(0))
        return (squares + sum(min(sum((v * v for v in part), Fraction(0)) for part in both) for both in alone)) / len(y)

    cones = list(product(product((1, -1), repeat=signs), repeat=len(start)))
    walls = {}
    for cone in cones:
        for j in range(len(start)):
            for i in range(signs):
                other, wall = (turned(cone, j, i, value) for value in (-cone[j][i], 0))
                walls[cone, other] = bound(wall)
    here, there = (
        {c for c in cones if one and all(stands(*two, directions) for two in zip(one, c, strict=True))}
        for one in (start, end)
    )
    goals = there if end else {cone for cone in cones if bound(cone) < loss}
    for level in sorted({loss, *(max(wall, loss) for wall in walls.values())}):
        reached = set(here)
        while more := {b for (a, b), wall in walls.items() if a in reached and wall <= level} - reached:
            reached |= more
        if reached & goals:
            return level
    raise Refused("valley: no smaller loss anywhere")


def turned(cone: Cone, j: int, i: int, value: int) -> Cone:
    """The cone with another sign for neuron j on line i."""
    return tuple(tuple(value if (a, b) == (j, i) else s for b, s in enumerate(row)) for a, row in enumerate(cone))


def stands(neuron: Neuron, signs: tuple[int, ...], directions: list[Row]) -> bool:
    """Whether the row is on the closed side of each line that the sign names, and V_j too."""
    w, v = neuron
    values = [sum(a * b for a, b in zip(w, direction, strict=True)) for direction in directions]
    values += [] if v is None else [v]
    return all(sign * value >= 0 for sign, value in zip(signs, values, strict=True))


def multiple(x: Row, d: Row) -> Fraction:
    """The factor c with x = c d, or 0 if there is none (d is not 0)."""
    at = next(i for i, value in enumerate(d) if value)
    c = Fraction(x[at]) / d[at]
    return c if all(a == c * b for a, b in zip(x, d, strict=True)) else Fraction(0)
