"""Training: deterministic, every class, the mass as it is defined, recipes that make no network."""

from dataclasses import replace

import numpy as np
import pytest

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.loss import Loss, ParametrisedLoss, Targets
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED, families, loss_named
from numerics.moves.mass import masses
from numerics.torch_bridge import Recipe, float_mass, train, training

torch = pytest.importorskip("torch")


def small_data() -> Data:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    return Data(X, np.stack([X[:, 0] * X[:, 1], np.abs(X[:, 2])], axis=1))


def test_training_is_deterministic_and_lowers_the_loss() -> None:
    """The same seed gives the same bits; another seed another network."""
    data = small_data()
    first, _ = train(data, Recipe(8, branch=(4, 3), steps=60))
    again, _ = train(data, Recipe(8, branch=(4, 3), steps=60))
    other, _ = train(data, Recipe(8, branch=(4, 3), steps=60, seed=1))
    untrained, _ = train(data, Recipe(8, branch=(4, 3), steps=0))
    assert first.identical(again)
    assert not first.identical(other)
    assert float_loss(first, Problem(data)) < 0.8 * float_loss(untrained, Problem(data))


@pytest.mark.parametrize("kind", ["two-layer", "residual", "stream", "post", "plain"])
def test_every_class_trains(kind: str) -> None:
    """The class and sizes asked for, and a loss that falls; before training the blocks are small beside the skip."""
    data = small_data()
    recipe = Recipe(8, branch=(4, 3), kind=kind, steps=200, blocks=2 if kind in ("stream", "post") else 1)
    network, _ = train(data, recipe)
    untrained, _ = train(data, replace(recipe, steps=0))
    assert (network.kind, network.width, network.bias) == (kind, 8, True)
    assert kind in recipe.describe()
    assert len([name for name in network.parameters() if name.endswith("A")]) == {
        "two-layer": 0,
        "stream": 2,
        "post": 2,
    }.get(kind, 1)
    assert float_loss(network, Problem(data)) < 0.8 * float_loss(untrained, Problem(data))
    for name, array in untrained.parameters().items():
        assert not name.endswith("U") or np.abs(array).max() < 0.5


def test_snapshots_are_the_first_networks_at_or_below_their_levels() -> None:
    """And the run ends when all are reached."""
    data = small_data()
    losses: list[float] = []
    start = float_loss(train(data, Recipe(8, steps=0))[0], Problem(data))
    levels = (0.9 * start, 0.5 * start)
    _, snapshots = train(data, Recipe(8, steps=500), levels=levels, progress=lambda step, loss: losses.append(loss))
    assert set(snapshots) == set(levels)
    assert len(losses) < 500
    for level, network in snapshots.items():
        # float32 training loss against float64: 1e-4 relative is far above 40 * 2^-24
        assert float_loss(network, Problem(data)) <= level * (1 + 1e-4)
        reached = next(k for k, loss in enumerate(losses) if loss <= level)
        assert float_loss(network, Problem(data)) == pytest.approx(losses[reached], rel=1e-4)


@pytest.mark.parametrize("kind", ["two-layer", "parallel"])
def test_the_mass_that_is_trained_on_is_the_mass(kind: str) -> None:
    """In float32, against the rigorous one: a few hundred operations round by 2^-24 each."""
    network, _ = train(small_data(), Recipe(8, branch=(4, 3, 2), kind=kind, steps=20))
    weights = {name: torch.tensor(array, dtype=torch.float32) for name, array in network.parameters().items()}
    assert float(float_mass(kind, weights)) == pytest.approx(float(masses(network).total), rel=1e-4)


@pytest.mark.parametrize("kind", ["two-layer", "parallel"])
def test_a_penalty_lowers_the_mass_and_the_objective(kind: str) -> None:
    """`L + kappa S` ends below that of the network trained without, whose loss is lower."""
    data, kappa = small_data(), 0.3
    plain, penalised = (
        train(data, Recipe(8, branch=(4, 3), kind=kind, steps=200, kappa=weight))[0] for weight in (0.0, kappa)
    )
    S, less = (float(masses(network).total) for network in (plain, penalised))
    loss, more = (float_loss(network, Problem(data)) for network in (plain, penalised))
    assert less < S
    assert loss < more
    assert more + kappa * less < loss + kappa * S
    assert "kappa 0.3" in Recipe(8, kappa=kappa).describe()
    assert "kappa" not in Recipe(8).describe()


def test_progress_reports_the_loss_without_the_penalty() -> None:
    """The first report is about the untrained network."""
    data, losses = small_data(), []
    recipe = Recipe(8, branch=(4,), steps=1, kappa=1.0)
    train(data, recipe, progress=lambda step, loss: losses.append(loss))
    untrained = float_loss(train(data, replace(recipe, steps=0))[0], Problem(data))
    assert losses == [pytest.approx(untrained, rel=1e-4)]  # float32 against float64, as above


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(0),
        Recipe(4, branch=()),
        Recipe(4, branch=(0,)),
        Recipe(4, kind="plain", branch=()),
        Recipe(4, kind="dense"),
        Recipe(4, kind="residual", blocks=2),
        Recipe(4, kind="stream", blocks=0),
        Recipe(4, rate=np.inf),
        Recipe(4, kappa=-0.1),
        Recipe(4, kappa=np.nan),
        Recipe(4, kind="residual", kappa=0.1),
    ],
)
def test_recipes_that_make_no_network_are_refused(recipe: Recipe) -> None:
    """With the recipe, or its class and branch, in the message."""
    with pytest.raises(InputError, match=r"width|class"):
        train(small_data(), recipe)


LOSSES = [f"{name}:1/2" if issubclass(one, ParametrisedLoss) else name for name, one in families().items()]


def targets_for(loss: Loss) -> Data:
    data = small_data()
    if loss.targets is Targets.LABELS:
        return Data(data.X, (data.Y[:, 0] > data.Y[:, 1]).astype(int))
    return data if loss.targets is Targets.VALUES else Data(data.X, np.sign(data.Y - np.median(data.Y, axis=0)))


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_trains(name: str) -> None:
    """What is made small is that loss, as it is evaluated elsewhere; levels and progress are about it."""
    loss = loss_named(name)
    data, seen = targets_for(loss), list[float]()
    problem, recipe = Problem(data, loss=loss), Recipe(8, branch=(4, 3), steps=150, rate=0.01, loss=loss)
    start = float_loss(train(data, replace(recipe, steps=0))[0], problem)
    _, reached = train(data, recipe, levels=(0.8 * start,), progress=lambda step, value: seen.append(value))
    assert seen[0] == pytest.approx(start, rel=1e-4)
    assert float_loss(reached[0.8 * start], problem) <= 0.8 * start * (1 + 1e-4)
    assert (f"loss {name}" in recipe.describe()) == (loss != SQUARED)


@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_that_torch_is_given_is_the_loss(name: str) -> None:
    """Against central differences in float64, at outputs where no loss has a corner."""
    loss, rng = loss_named(name), np.random.default_rng(1)
    data = targets_for(loss)
    f = rng.standard_normal(data.Y.shape)
    value, slope = training.loss_and_slope(loss, torch.tensor(f, dtype=torch.float32), data.Y.astype(np.float32))
    assert slope.dtype == torch.float32
    assert value == pytest.approx(loss.floats(f, data.Y).mean(), rel=1e-5)
    for (k, i), found in list(np.ndenumerate(slope.numpy()))[:20]:
        moved = [f.copy(), f.copy()]
        for sign, one in zip((-1.0, 1.0), moved, strict=True):
            one[k, i] += sign * 1e-6
        low, high = (loss.floats(one, data.Y).mean() for one in moved)
        assert found == pytest.approx((high - low) / 2e-6, abs=1e-5)


def test_targets_that_a_loss_is_not_about_are_refused() -> None:
    """Before anything is trained, in the words that every question uses."""
    with pytest.raises(InputError, match="loss hinge needs targets -1 or 1"):
        train(small_data(), Recipe(4, steps=1, loss=loss_named("hinge")))
    with pytest.raises(InputError, match="not one-hot, but loss cross-entropy needs a label"):
        train(small_data(), Recipe(4, steps=1, loss=loss_named("cross-entropy")))
