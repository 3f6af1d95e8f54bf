"""Small random paths that are what they claim, one maker for each question: what forgeries start from."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.random import Generator

from support import breakpoints
from support.certificates import Forge, Moves, Weights, exact_loss
from support.loss_oracles import LABELS, LOSSES
from support.loss_segments import targets_of

CLASSES = ("two-layer", "parallel", "residual", "stream", "post", "plain")
QUESTIONS = ("connect", "depth", "certify", "escape", "valley", "pass")
Segment = tuple[str, Moves]


def honest(question: str, rng: Generator) -> Forge:
    """A true path for this question; what the checkers make of it is theirs to say."""
    if question == "valley" and rng.random() < 0.5:
        return replace(clusters(rng) if rng.random() < 0.5 else singles(rng), question=question)
    if question in ("valley", "pass"):
        forge = replace(_crossing(rng), question=question)
        while question == "pass" and forge.kind == "plain":  # no argument for these
            forge = replace(_crossing(rng), question=question)
        return forge
    if question == "depth":
        return _to_reference(rng)
    if question == "certify":
        return _anywhere(rng)
    forge = replace(_stepwise(rng), question=question)
    if question == "connect":
        forge = _of_some_loss(forge, rng)
    losses = forge.losses()
    if question == "escape" and losses[-1] >= losses[0]:
        forge = _backwards(forge)
    return forge


def array(rng: Generator, *shape: int) -> np.ndarray:
    """Multiples of 1/2 between -2 and 2, now and then of 1/64."""
    step = 2.0 if rng.random() < 0.8 else 64.0
    return np.asarray(rng.integers(int(-2 * step), int(2 * step) + 1, shape) / step)


def weights(rng: Generator, kind: str, bias: int, n: int, p: int, m: int) -> Weights:
    """Some network of this class with a branch of width 1 or 2 and depth 1 or 2."""
    found: Weights = {"W": array(rng, m, n + bias)}
    if kind != "plain":
        found["V"] = array(rng, p, m)
    blocks = [] if kind == "two-layer" else [""]
    if kind in ("stream", "post"):
        blocks = [f"blocks.{k}." for k in range(int(rng.integers(1, 3)))]
    for prefix in blocks:
        width = int(rng.integers(1, 3))
        found[f"{prefix}A"] = array(rng, width, m)
        if rng.random() < 0.4:
            found[f"{prefix}a"] = array(rng, width)
        if rng.random() < 0.3:
            found[f"{prefix}B1"] = array(rng, 1, width)
            width = 1
        found[f"{prefix}U"] = array(rng, p if kind in ("parallel", "plain") else m, width)
    if rng.random() < 0.3:
        found["c"] = array(rng, p)
    return found


def _sizes(rng: Generator) -> tuple[int, int, int, int, int]:
    """bias, n, p, m, N."""
    n, p, m, samples = (int(rng.integers(1, high)) for high in (3, 3, 4, 3))
    return int(rng.integers(0, 2)), n, p, m, samples


def readout(kind: str) -> str:
    """The parameters that a readout segment may move, those without dots."""
    return {"parallel": "VUc", "plain": "Uc"}.get(kind, "Vc")


def readers(start: Weights) -> list[str]:
    """What reads the first layer, or the stream."""
    return [name for name in start if name.rpartition(".")[2] in ("V", "A")]


def _stepwise(rng: Generator) -> Forge:
    """One to five segments of the exact kinds: readout, silent, hidden, identities."""
    kind = str(rng.choice(CLASSES))
    bias, n, p, m, samples = _sizes(rng)
    start = weights(rng, kind, bias, n, p, m)
    x = array(rng, samples, n)
    here, segments = start, list[Segment]()
    for _ in range(int(rng.integers(1, 4))):
        forge = Forge(kind, bias, start, x, x, segments)
        for step in _step(rng, kind, here):
            segments.append(step)
        here = forge.corners()[-1]
    forge = Forge(kind, bias, start, x, array(rng, samples, p), segments)
    return highest(forge)


def _step(rng: Generator, kind: str, here: Weights) -> list[Segment]:
    """A true segment from this corner, or the several that it takes."""
    m = len(here["W"])
    what = str(rng.choice(["readout", "silent", "hidden", "exact"]))
    if what == "readout":
        moved = [name for name in readout(kind) if name in here and rng.random() < 0.7]
        return [("readout", {name: ("all", array(rng, *here[name].shape)) for name in moved})]
    if what == "hidden":
        matrices = [name for name in here if np.ndim(here[name]) == 2]
        name = str(rng.choice(matrices))
        values = array(rng, *here[name].shape)
        if name in ("W", "V", "A") and rng.random() < 0.5:
            j = int(rng.integers(0, m))
            return [("hidden", {name: ([j], values[[j]] if name == "W" else values[:, [j]].copy("C"))})]
        return [("hidden", {name: ("all", values)})]
    j = int(rng.integers(0, m))
    cleared = {name: ("all", np.where(np.arange(m) == j, 0.0, here[name])) for name in readers(here)}
    if what == "silent":
        # Nothing reads neuron j, nor writes to its coordinate; then its row is free.
        segments: list[Segment] = [("hidden", {name: move}) for name, move in cleared.items()]
        returns = [name for name in here if name.rpartition(".")[2] == "U" and kind in ("residual", "stream", "post")]
        row = array(rng, 1, here["W"].shape[1])
        moves: dict[str, tuple[Any, Any]] = {"W": ([j], row)}
        for name in returns:
            free = here[name].copy()
            free[j] = array(rng, free.shape[1])
            moves[name] = ("all", free)
        return [*segments, ("silent", moves)]
    i = (j + 1) % m
    if i == j or kind in ("residual", "stream", "post"):
        return [("exact", {})]
    # Row j becomes a multiple of row i while nothing reads it; then it reads for i, and hands back.
    names, factor, third = readers(here), float(rng.choice([1.0, 2.0, 3.0, 0.5])), Fraction(1, int(rng.choice([1, 3])))
    lent: dict[str, Any] = {}
    for name in names:
        lent[name] = np.array([[Fraction(value) for value in row] for row in cleared[name][1]], dtype=object)
        for row in lent[name]:
            row[j] = third * int(rng.integers(-2, 3))
            row[i] -= Fraction(factor) * row[j]
    return [
        *(("hidden", {name: move}) for name, move in cleared.items()),
        ("silent", {"W": ([j], factor * here["W"][[i]])}),
        ("exact", {name: ("all", value) for name, value in lent.items()}),
        ("exact", dict(cleared)),
    ]


def highest(forge: Forge) -> Forge:
    """The place of the highest loss, breakpoints of hidden segments included."""
    losses, corners = forge.losses(), forge.corners()
    highest: Fraction = max(losses)
    place: tuple[int, Fraction] | None = None
    for k, (kind, _) in enumerate(forge.segments):
        if kind != "hidden":
            continue
        ends = corners[k], corners[k + 1]
        if any(array.dtype == object for end in ends for array in end.values()):
            continue
        top, at, _ = breakpoints.hidden_maximum(*ends, forge.kind, forge.bias, forge.x, forge.y)
        if top > highest:
            highest, place = top, (k, at)
    return replace(forge, peak=place)


def _backwards(forge: Forge) -> Forge:
    """The same path from its end to its start, every array stored whole."""
    corners = forge.corners()[::-1]
    segments: list[Segment] = [
        (kind, {name: ("all", array) for name, array in after.items() if not np.array_equal(array, before[name])})
        for (kind, _), before, after in zip(forge.segments[::-1], corners, corners[1:], strict=False)
    ]
    return highest(replace(forge, start=corners[0], segments=segments, peak=None))


def _to_reference(rng: Generator) -> Forge:
    """Readout to zero, everything else moved, the reference loaded, and read out: loss 0 or little more."""
    kind = str(rng.choice(CLASSES[:4]))
    bias, n, p, m, samples = _sizes(rng)
    start = weights(rng, kind, bias, n, p, m)
    slots = [int(j) for j in rng.permutation(m)[: int(rng.integers(1, m + 1))]]
    rows, columns = array(rng, len(slots), n + bias), array(rng, p, len(slots))
    x = array(rng, samples, n)
    reference: Weights = {"W": rows, "V": columns}
    has_c = "c" in start and bool(rng.random() < 0.7)
    if has_c:
        reference["c"] = array(rng, p)
    returns = {name: ("all", np.zeros_like(start[name])) for name in start if name.rpartition(".")[2] == "U"}
    zero: dict[str, tuple[Any, Any]] = {"V": ("all", np.zeros((p, m)))}
    order = np.argsort(slots)
    free: dict[str, tuple[Any, Any]] = {"W": ([slots[k] for k in order], rows[order])}
    (zero if kind == "parallel" else free).update(returns)
    for name in start:
        if name.rpartition(".")[2] in ("A", "a") and rng.random() < 0.5:
            free[name] = ("all", array(rng, *start[name].shape))
    filled: dict[str, tuple[Any, Any]] = {"V": ([slots[k] for k in order], columns[:, order].copy("C"))}
    if "c" in start:
        filled["c"] = ("all", reference["c"] if has_c else np.zeros(p))
    y = np.array([[float(v) for v in _outputs(reference, bias, row)] for row in x]) + (
        array(rng, samples, p) / 8 if rng.random() < 0.5 else 0.0
    )
    segments: list[Segment] = [("readout", zero), ("silent", free), ("readout", filled)]
    return Forge(kind, bias, start, x, y, segments, question="depth", slots=slots, reference_has_c=has_c)


def _outputs(reference: Weights, bias: int, x: np.ndarray) -> np.ndarray:
    seen = np.append(x, 1.0) if bias else x
    return np.asarray(reference["V"] @ np.maximum(reference["W"] @ seen, 0) + reference.get("c", 0.0))


def _anywhere(rng: Generator) -> Forge:
    """One or two general segments; the bound is a little above the highest of some losses."""
    kind = str(rng.choice(CLASSES))
    bias, n, p, m, samples = _sizes(rng)
    samples, m = min(samples, 2), min(m, 2)
    start = weights(rng, kind, bias, n, p, m)
    segments: list[Segment] = []
    for _ in range(int(rng.integers(1, 3))):
        moved = [name for name in start if rng.random() < 0.6]
        segments.append(("general", {name: ("all", array(rng, *start[name].shape)) for name in moved}))
    forge = Forge(kind, bias, start, array(rng, samples, n), array(rng, samples, p), segments, question="certify")
    forge = _of_some_loss(forge, rng)
    times = [(k, Fraction(i, 8)) for k in range(len(segments)) for i in range(9)]
    losses = {place: forge.loss_at(*place) for place in times}
    peak = max(losses, key=losses.__getitem__)
    slack = Fraction(int(rng.integers(1, 9)), 8)
    cuts = {k: [Fraction(i, 8) for i in range(1, 8) if rng.random() < 0.5] for k in range(len(segments))}
    upper = losses[peak] + slack * (losses[peak] + 1)
    return replace(forge, peak=peak, upper=upper, cuts=cuts)


def _of_some_loss(forge: Forge, rng: Generator) -> Forge:
    """Every other path is about another loss than squared error, with targets for it; now and then errors are bounded.

    A bound of the error rate may be false: such a path is none to start from.
    """
    p = forge.y.shape[1]
    fitting = [loss for loss in LOSSES if p > 1 or loss not in LABELS]
    if rng.random() < 0.5 or any(kind == "hidden" for kind, _ in forge.segments):
        return forge
    loss = str(rng.choice(fitting))
    rate = Fraction(int(rng.integers(1, 3)), 2) if loss in LABELS and rng.random() < 0.5 else None
    return replace(forge, loss=loss, y=targets_of(loss, len(forge.x), p, rng), error_rate=rate)


def _crossing(rng: Generator) -> Forge:
    """A valley of T5, of one neuron, or of two; sizes of inputs, targets and weights at random."""
    scale, other, a, b = (float(2.0 ** rng.integers(-2, 3)) * float(rng.choice([1.0, 3.0, 1.5])) for _ in range(4))
    which = int(rng.integers(0, 4))
    if which == 3:
        return _cross(rng, scale, other)
    low = a * float(rng.choice([0.25, 0.5, 0.75])) if rng.random() < 0.9 else a
    x = np.array([[scale], [-other]])
    y = np.array([[low * scale], [-a * other]])
    if low * scale >= a * other:  # the end, which fits the second target, must have the smaller loss
        y = np.array([[low * scale], [-(low * scale) * 2.0]])
    slope, back = y[0, 0] / scale, y[1, 0] / other  # f = slope x on the right, back x's size on the left
    kind = str(rng.choice(["two-layer", "parallel", "residual", "stream"])) if which else "plain"
    left = float(rng.choice([1.0, 0.5, 0.75]))
    if kind == "plain":
        start = {"W": np.array([[b], [-b]]), "A": np.array([[1.0, 0.0]]), "U": np.array([[slope / b]])}
        if slope / b * b != slope:
            start["W"], start["U"] = np.array([[1.0], [-1.0]]), np.array([[slope]])
            b = 1.0
        segments: list[Segment] = [
            ("readout", {"U": ("all", [[0.0]])}),
            ("silent", {"A": ("all", [[0.0, 1.0]])}),
            ("readout", {"U": ("all", [[left * back / b]])}),
        ]
        return Forge("plain", 0, start, x, y, segments)
    if rng.random() < 0.5:
        x, y = np.vstack([x, 2 * x[:1]]), np.vstack([y, 2 * y[:1]])
        y[1, 0] *= 3.0
    start = {"W": np.array([[1.0]]), "V": np.array([[slope]])}
    prefix = "blocks.0." if kind == "stream" else ""
    if kind != "two-layer":
        start |= {f"{prefix}A": np.array([[1.0]]), f"{prefix}U": np.array([[0.0]])}
        if kind == "parallel":
            start |= {"V": np.array([[2 * slope]]), "U": np.array([[-slope]])}
    zero = {name: ("all", [[0.0]]) for name in ("VU" if kind == "parallel" else "V")}
    segments = [("readout", zero), ("silent", {"W": ("all", [[-1.0]])}), ("readout", {"V": ("all", [[left * back]])})]
    return Forge(kind, 0, start, x, y, segments)


def _cross(rng: Generator, scale: float, other: float) -> Forge:
    """Two neurons in the plane: the depth is less than through f = 0 (`skip_valleys.cross`)."""
    x = scale * np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    y = scale * other * np.array([[2.0], [2.0], [-1.0], [-4.0]])
    start = {
        "W": np.array([[1.0, 1.0], [-1.0, 1.0]]),
        "V": other * np.array([[-3.0, 2.0]]),
        "A": np.array([[1.0, -1.0]]),
        "U": other * np.array([[5.0]]),
    }
    segments: list[Segment] = [
        ("readout", {"V": ("all", other * np.array([[-2.0, 2.0]])), "U": ("all", [[4.0 * other]])}),
        ("hidden", {"W": ("all", [[1.0, -1.0], [-1.0, -1.0]])}),
        ("readout", {"V": ("all", other * np.array([[-6.0, 2.0]])), "U": ("all", [[8.0 * other]])}),
    ]
    return highest(Forge("parallel", 0, start, x, y, segments))


def clusters(rng: Generator) -> Forge:
    """T10P at width 2 or 3, targets of any scale, neurons in any order; a branch that is live where two neurons are."""
    m, unit = int(rng.integers(2, 4)), float(2.0 ** rng.integers(-2, 3))
    corners = [(j, s, t) for j in range(m) for s in (1, -1) for t in (1, -1)]
    x = np.array([[j + s / 8, j * j + j * s / 4 + t / 8] for j, s, t in corners])
    y = unit * np.array([[1 - t / 2 + s * t] for _, s, t in corners])
    order = [int(j) for j in rng.permutation(m)]
    W = np.array([[8.0 * j, -4.0, 1.0 - 4 * j * j] for j in order])
    kind = str(rng.choice(["two-layer", "parallel", "residual", "stream"]))
    start = {"W": W, "V": np.full((1, m), unit)}
    if kind != "two-layer":
        # 2 min(z_i, z_k) of the first two neurons of the row, which see the point at which the pattern breaks.
        prefix, first, second = "blocks.0." if kind == "stream" else "", order.index(0), order.index(1)
        A = np.zeros((3, m))
        A[:, first], A[:, second] = [1.0, 1.0, -1.0], [1.0, -1.0, 1.0]
        more = float(rng.choice([0.0, 0.125, 0.25])) * np.array([[1.0, -1.0, -1.0]])
        U = np.zeros((m, 3))
        U[first] = more
        start |= {f"{prefix}A": A, f"{prefix}U": unit * more if kind == "parallel" else U}
    row = W[[order.index(0)]] + 7 / 256 * np.array([[56.0, 40.0, 1.0]])
    forge = Forge(kind, 1, start, x, y, [("hidden", {"W": ([order.index(0)], row)})])
    return replace(forge, peak=(0, Fraction(128, 175)))  # s = 1/50 of 7/256: the row meets the point


def singles(rng: Generator) -> Forge:
    """T8b with targets, numbers of copies and scales at random; width 2 is left out, where cones take long."""
    m, sign = int(rng.choice([1, 3, 4])), float(rng.choice([1.0, -1.0]))
    scales = 2.0 ** rng.integers(-1, 2, m + 1)
    heights = rng.choice([1.0, 1.0, 0.5, 2.0], m)
    copies = [int(count) for count in rng.integers(1, 3, m)]
    units = np.eye(m + 1)
    points = [(units[i], heights[i]) for i in range(m) for _ in range(copies[i])]
    pairs = [(units[i] + units[k], -float(rng.choice([0.0, 1.0]))) for i in range(m) for k in range(i)]
    points += [pair for pair in pairs for _ in range(int(rng.integers(1, 4)))]
    points.append((units[m], -8.0))
    x, y = np.array([x for x, _ in points]) * scales, sign * np.array([[y] for _, y in points])
    W = (2 * units[:m] - np.array([1.0] * m + [0.0])) / scales
    least = min(range(m), key=lambda i: copies[i] * heights[i] ** 2)
    V = sign * heights[None, :]
    emptied, read = V.copy(), V.copy()
    emptied[0, least], read[0, least] = 0.0, -8.0 * sign
    segments: list[Segment] = [
        ("readout", {"V": ("all", emptied)}),
        ("silent", {"W": ([least], units[[m]] / scales)}),
        ("readout", {"V": ("all", read)}),
    ]
    return Forge("two-layer", 0, {"W": W, "V": V}, x, y, segments)


def zero_loss(forge: Forge) -> Fraction:
    """The loss of f = 0."""
    zero = {name: np.zeros_like(value) for name, value in forge.start.items()}
    return exact_loss(forge.kind, forge.bias, zero, forge.x, forge.y)
