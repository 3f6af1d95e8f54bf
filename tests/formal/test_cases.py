"""The numbers of known_answers.json, recomputed with fractions. Coq proves the same of its definitions.

Each test rebuilds its case from the inputs written there (weights, data) and must meet the results written there.
"""

import json
from fractions import Fraction
from pathlib import Path

import pytest

CASES = Path(__file__).resolve().parents[2] / "proofs_notes" / "formal" / "examples" / "known_answers.json"
POINTS_OF_SIGN = (Fraction(1), Fraction(-1))


def numbers(case: str) -> dict[str, Fraction]:
    entry = json.loads(CASES.read_text(encoding="utf-8"))["cases"][case]
    return {name: Fraction(value) for name, value in entry["numbers"].items()}


def relu(a: Fraction) -> Fraction:
    return max(a, Fraction(0))


def between(start: Fraction | int, end: Fraction | int, t: Fraction | int) -> Fraction:
    return (1 - Fraction(t)) * start + Fraction(t) * end


def mean_squared(outputs: list[Fraction], targets: list[Fraction]) -> Fraction:
    return sum(((f - y) ** 2 for f, y in zip(outputs, targets, strict=True)), Fraction(0)) / len(targets)


def test_case_1() -> None:
    n = numbers("case1")

    def left(u: Fraction, v: Fraction) -> Fraction:
        return (relu(u) - relu(v)) ** 2 + (relu(-u) - relu(-v)) ** 2

    assert (left(n["u"], n["v"]), (n["u"] - n["v"]) ** 2) == (n["left"], n["right"])
    assert left(n["u"], n["v_same_sign"]) == (n["u"] - n["v_same_sign"]) ** 2 == n["both"]


def test_case_2() -> None:
    n = numbers("case2")
    seen = [(x, Fraction(1)) for x in POINTS_OF_SIGN]
    moments = [[sum(x[i] * x[j] for x in seen) / 2 for j in range(2)] for i in range(2)]
    assert moments == [[n["sigma"] ** 2, 0], [0, n["sigma"] ** 2]]
    assert sum(relu(x[1]) ** 2 for x in seen) / 2 == n["norm"] ** 2


def test_case_3() -> None:
    n = numbers("case3")
    points = [(1, 0), (0, 1)]

    def outputs(t: Fraction) -> list[Fraction]:
        moving = (between(n["w_2_1"], n["c"], t), between(n["w_2_2"], 0, t))
        return [relu(Fraction(x[0])) + relu(moving[0] * x[0] + moving[1] * x[1]) for x in points]

    half, end = outputs(Fraction(1, 2)), outputs(Fraction(1))
    targets = [n["y"], n["y"]]
    assert (half, end) == ([n["f_half_1"], n["f_half_2"]], [n["f_end_1"], n["f_end_2"]])
    losses = [mean_squared(outputs(Fraction(k, 2)), targets) for k in range(3)]
    assert losses == [n["loss_start"], n["loss_half"], n["loss_end"]]
    assert n["w_2_1"] ** 2 + n["w_2_2"] ** 2 == n["mass_2"] ** 2
    assert n["c"] == n["w_2_1"]
    assert n["sine"] ** 2 == 1 - (n["w_2_1"] / n["mass_2"]) ** 2
    assert n["D_squared"] == n["sigma_squared"] * (n["mass_2"] * n["sine"]) ** 2 == n["maximum"] == max(losses)
    assert [n["star_v"] * relu(n["star_w"] * (x[0] + x[1])) for x in points] == targets


def residual(w: list[Fraction], v: list[Fraction], a: list[Fraction], u: list[Fraction]) -> Fraction:
    """V (z + U relu(A z)) at x = 1."""
    z = [relu(row) for row in w]
    branch = relu(sum((aj * zj for aj, zj in zip(a, z, strict=True)), Fraction(0)))
    return sum((vj * (zj + uj * branch) for vj, zj, uj in zip(v, z, u, strict=True)), Fraction(0))


def test_case_5() -> None:
    n = numbers("case5")
    one = Fraction(1)
    c = n["w_2"] / n["w_1"]

    def at(t: Fraction) -> tuple[list[Fraction], list[Fraction], list[Fraction]]:
        taking = [one + t * c, one]
        return [n["w_1"], (1 - t) * n["w_2"]], taking, [n["U_1"], n["U_2"] - t * c * n["U_1"]]

    for t in (Fraction(k, 8) for k in range(9)):
        w, v, u = at(t)
        assert residual(w, v, v, u) == n["f"]
    (w, v, u), (w_end, v_end, u_end) = at(Fraction(1, 2)), at(one)
    assert (w[1], v[0], u[1]) == (n["half_w_2"], n["half_V_1"], n["half_U_2"])
    assert (w_end[1], v_end[0], u_end[1]) == (n["end_w_2"], n["end_V_1"], n["end_U_2"])
    moved = [one + c, Fraction(0)]
    assert residual([n["w_1"], n["w_2"]], moved, moved, [n["U_1"], n["U_2"]]) == n["f_wrong"]


def test_case_7() -> None:
    n = numbers("case7")

    def at(t: Fraction) -> tuple[Fraction, Fraction]:
        w = [n["w_1"], (1 - t) * n["w_2"]]
        v = [n["V_1"] + t * n["c"] * n["V_2"], n["V_2"]]
        a = [n["A_1"] + t * n["c"] * n["A_2"], n["A_2"]]
        u = [n["U_1"], n["U_2"] - t * n["c"] * n["U_1"]]
        product = v[0] * u[0] + v[1] * u[1]
        return product, sum(abs(w[j]) * (abs(v[j]) + abs(product) * abs(a[j])) for j in range(2))

    found = [at(Fraction(k, 2)) for k in range(3)]
    assert [product for product, _ in found] == [n["product"]] * 3
    assert [mass for _, mass in found] == [n["S_start"], n["S_half"], n["S_end"]]


def test_case_7_with_the_wrong_norm() -> None:
    """||V|| ||U|| in the place of ||V U||: rest + k sqrt(root), larger in the middle than at the start."""
    n = numbers("case7")

    def at(t: Fraction) -> tuple[Fraction, Fraction, Fraction]:
        """What stands beside the root, what stands before it, and its square."""
        w = [n["w_1"], (1 - t) * n["w_2"]]
        v = [n["V_1"] + t * n["c"] * n["V_2"], n["V_2"]]
        a = [n["A_1"] + t * n["c"] * n["A_2"], n["A_2"]]
        u = [n["U_1"], n["U_2"] - t * n["c"] * n["U_1"]]
        square = sum((x**2 for x in v), Fraction(0)) * sum((x**2 for x in u), Fraction(0))
        return (
            sum((abs(x * y) for x, y in zip(w, v, strict=True)), Fraction(0)),
            sum((abs(x * y) for x, y in zip(w, a, strict=True)), Fraction(0)),
            square,
        )

    (rest, before, square), (rest_half, before_half, square_half), (rest_end, before_end, _) = (
        at(Fraction(k, 2)) for k in range(3)
    )
    assert rest == rest_half == rest_end == n["rest"]
    assert before_end == 0
    assert (before, square) == (n["wrong_start"], n["root_start"])
    assert before_half**2 * square_half == n["wrong_half"] ** 2 * n["root_half"]
    assert before**2 * square < before_half**2 * square_half


def test_case_9() -> None:
    n = numbers("case9")
    assert n["R4"] == n["l"] / n["m"]
    assert n["R7"] == 2 / (n["m"] - 2 * n["l"] + 1)


def test_case_13() -> None:
    n = numbers("case13")
    targets = [n["y_1"], n["y_2"]]
    assert mean_squared([relu(x) for x in POINTS_OF_SIGN], targets) == n["loss"]
    assert mean_squared([n["V_end"] * relu(-x) for x in POINTS_OF_SIGN], targets) == n["loss_other_side"]
    assert mean_squared([Fraction(0), Fraction(0)], targets) == n["loss"] + n["depth"]
    for t in (Fraction(k, 8) for k in range(9)):
        outputs = [relu(x) + between(0, n["V_end"], t) * relu(-x) for x in POINTS_OF_SIGN]
        assert mean_squared(outputs, targets) == n["loss"] * (1 - t) ** 2


def test_case_14() -> None:
    n = numbers("case14")

    def loss(t: Fraction) -> Fraction:
        return (between(0, n["V_end"], t) + n["U"] * relu(between(n["A_start"], n["A_end"], t))) ** 2

    assert loss(n["at"]) == n["maximum"]
    assert loss(n["grid_at"]) == n["grid_value"] == max(loss(Fraction(k, 60)) for k in range(61))


def test_case_15() -> None:
    n = numbers("case15")

    def loss(t: Fraction) -> Fraction:
        return (between(n["V_start"], 0, t) * (1 + relu(between(0, n["A_end"], t)))) ** 2

    assert (loss(Fraction(0)), loss(Fraction(1)), loss(n["at"])) == (n["loss_start"], n["loss_end"], n["maximum"])
    assert max(loss(Fraction(k, 800)) for k in range(801)) == n["maximum"]


@pytest.mark.parametrize("slope", [Fraction(1, 3), Fraction(1), Fraction(5)])
def test_case_16(slope: Fraction) -> None:
    n = numbers("case16")
    targets = [n["y_1"], n["y_2"]]
    best_positive = [relu(slope * x) * n["y_1"] / slope for x in POINTS_OF_SIGN]
    best_negative = [relu(-slope * x) * n["y_2"] / slope for x in POINTS_OF_SIGN]
    assert mean_squared(best_positive, targets) == n["loss"]
    assert mean_squared(best_negative, targets) == n["loss_other_side"]
    assert mean_squared([Fraction(0), Fraction(0)], targets) == n["loss_zero"] == n["loss"] + n["depth"]
    assert n["depth_two_neurons"] == 0


def test_exchange() -> None:
    """Where V_1 changes sign the output is V_2 z_2, of one sign on both points: one target is missed by 1."""
    n = numbers("exchange")
    targets = [n["y_1"], n["y_2"]]
    assert mean_squared([n["y_1"] * 1, n["y_2"] * 1], targets) == n["loss"]
    tried = [
        mean_squared([Fraction(v * a, 4), Fraction(v * b, 4)], targets)
        for v in (-1, 1)
        for a in range(9)
        for b in range(9)
    ]
    assert min(tried) == n["barrier"]
