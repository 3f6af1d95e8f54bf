"""Training, the only file that imports torch: full-batch Adam with a cosine schedule, deterministic by seed.

The objective is the blueprint's `F = L + kappa S`, `L` any loss of `numerics/losses/kinds`: its own subgradient is what
torch is given, so that a new loss needs nothing here. In training `S` is a float32 number with gradients; what is
printed of a network afterwards is the rigorous one of `numerics.moves.mass`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.common.shown import Shown
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.loss import Loss
from numerics.losses.registry import SQUARED
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.classes import CLASSES, FLAT, network_of
from numerics.networks.forward import branch_names, layer_names, outputs_from
from numerics.networks.parallel import Parallel
from numerics.networks.stream import MOST_BLOCKS

try:
    import torch
except ImportError:  # the extra `torch` is not installed
    torch = None

Progress = Callable[[int, float], None]

PENALISED = FLAT  # classes whose mass is differentiated
LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
RATE = 3e-3  # of Adam, where none is given
LARGEST_RATE = 1e30  # that float32 can hold throughout


@dataclass(frozen=True)
class Recipe(Shown):
    """How a network is trained: `steps` of full-batch Adam, the rate falling from `rate` to 0 along a cosine.

    `kappa` >= 0 weighs the mass `S` in the objective `L + kappa S`.
    """

    width: int
    branch: tuple[int, ...] = (32, 32)
    kind: str = Parallel.kind
    steps: int = 1000
    rate: float = RATE
    seed: int = 0
    blocks: int = 1  # of a stream, all with the same branch
    kappa: float = 0.0
    loss: Loss = SQUARED

    def describe(self) -> str:
        """One printable line."""
        one = CLASSES.get(self.kind)
        blocks = f", {self.blocks} block(s)" if one is not None and one.has_blocks else ""
        branch = f"{blocks}, branch {'-'.join(map(str, self.branch))}" if one is None or one.has_branch else ""
        penalty = f", kappa {self.kappa}" if self.kappa else ""
        loss = "" if self.loss == SQUARED else f", loss {self.loss.name}"
        return (
            f"{self.kind} width {self.width}{branch}: float32, full-batch Adam, {self.steps} steps,"
            f" rate {self.rate:g} falling to 0 along a cosine, seed {self.seed}{penalty}{loss}"
        )


def has_torch() -> bool:
    """Whether torch is there."""
    return torch is not None


def require_torch() -> None:
    """Raise InputError without torch."""
    if torch is None:
        raise InputError("training needs torch: install it with pip install 'skipscape[torch]'")


@contextmanager
def one_thread() -> Iterator[None]:
    """A block in which torch adds up with one thread, so that what is trained does not depend on how busy we are."""
    require_torch()
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train(
    data: Data, recipe: Recipe, *, levels: Sequence[float] = (), progress: Progress | None = None
) -> tuple[Network, dict[float, Network]]:
    """The trained network, and for each of `levels` the first network of the same run whose loss was at or below it.

    With `levels` the run ends as soon as all are reached.
    `levels` and `progress` are about the recipe's loss `L`, without the penalty. First-layer bias, an output bias.
    Deterministic for a given torch, machine and number of threads. Raises InputError without torch, for sizes that make
    no network, for targets that the loss is not about, and for what leaves the range of float32.
    """
    require_torch()
    recipe.loss.require(data)
    if recipe.width < 1 or recipe.steps < 0 or any(r < 1 for r in recipe.branch):
        raise InputError(f"{recipe.describe()}: widths must be at least 1, steps at least 0")
    if not 0 < recipe.rate <= LARGEST_RATE:
        raise InputError(f"{recipe.describe()}: the rate must be above 0 and at most {LARGEST_RATE:g}: see --rate")
    if recipe.kind not in CLASSES or (CLASSES[recipe.kind].has_branch and not recipe.branch):
        raise InputError(
            f"class {recipe.kind!r} with branch {recipe.branch}: one of {', '.join(CLASSES)} is needed,"
            " and a branch for all but two-layer"
        )
    if not 1 <= recipe.blocks <= MOST_BLOCKS or (recipe.blocks > 1 and not CLASSES[recipe.kind].has_blocks):
        raise InputError(
            f"class {recipe.kind} with {recipe.blocks} blocks: a stream has 1 to {MOST_BLOCKS},"
            " the other classes have none to choose"
        )
    if not 0 <= recipe.kappa < math.inf or (recipe.kappa and recipe.kind not in PENALISED):
        raise InputError(
            f"class {recipe.kind} with kappa = {recipe.kappa:g}: kappa must be finite and at least 0, and above 0 only"
            f" for {' and '.join(PENALISED)}"
        )
    X = torch.tensor(np.hstack([data.X, np.ones((data.size, 1))]), dtype=torch.float32)
    with np.errstate(over="ignore"):
        Y = data.Y.astype(np.float32)
    weights = _initial(X.shape[1], Y.shape[1], recipe)
    optimiser = torch.optim.Adam(weights.values(), lr=recipe.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, recipe.steps))
    snapshots: dict[float, Network] = {}
    before, used = 0.0, recipe.rate
    for step in range(recipe.steps):
        optimiser.zero_grad()
        f = tensor_outputs(recipe.kind, weights, X)
        value, slope = loss_and_slope(recipe.loss, f, Y)
        if step == 0:
            _require_float32(data, recipe, bool(torch.isfinite(f).all()), value)
        if not math.isfinite(value):
            raise InputError(
                f"{recipe.describe()}: the loss became {value} at step {step}, after a step with rate {used:.6g} from a"
                f" loss of {before:.6g}: choose a smaller --rate"
            )
        before = value
        for level in levels:
            if value <= level and level not in snapshots:
                snapshots[level] = _network(weights, recipe)
        if recipe.kappa:
            penalty = recipe.kappa * float_mass(recipe.kind, weights)
            torch.autograd.backward((f, penalty), (slope, torch.ones(())))
            objective = float(np.float32(value) + np.float32(penalty.detach()))
        else:
            torch.autograd.backward((f,), (slope,))
            objective = value
        _require_gradient(weights, objective, recipe, value, step, used)
        used = float(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()
        if progress is not None:
            progress(step + 1, value)
        if levels and len(snapshots) == len(levels):
            break
    return _network(weights, recipe), snapshots


def _require_float32(data: Data, recipe: Recipe, finite: bool, loss: float) -> None:
    """Raise InputError where the initial network's loss is infinite, before any step was made: the data are too large.

    `finite`: whether its outputs are.
    """
    if math.isfinite(loss):
        return
    largest = {name: float(np.abs(array).max()) for name, array in (("X", data.X), ("Y", data.Y))}
    beyond = [name for name, value in largest.items() if value > LARGEST_FLOAT32]
    if beyond:
        reason = f"{data.name} has an entry of {largest[beyond[0]]:.5g} in {beyond[0]}, which float32 cannot hold"
    elif not finite:
        reason = f"the outputs of the initial network overflow on {data.name}, whose X reaches {largest['X']:.5g}"
    else:
        sizes = " and ".join(f"{name} reaches {value:.5g}" for name, value in largest.items())
        what = "squared errors" if recipe.loss == SQUARED else f"{recipe.loss.name} losses"
        reason = f"the {what} of the initial network overflow on {data.name}, whose {sizes}"
    raise InputError(
        f"{recipe.describe()}: at step 0, before any step was made, {reason}: training is in float32; scale the data"
    )


def _require_gradient(
    weights: Mapping[str, torch.Tensor], objective: float, recipe: Recipe, loss: float, step: int, rate: float
) -> None:
    """Raise InputError where Adam could make no step: an infinite penalty, or gradients whose squares overflow."""
    after = f" after a step with rate {rate:.6g}" if step else ""
    where = f"{recipe.describe()}: at step {step}{after}, where the loss is {loss:.6g},"
    cures = (["choose a smaller --rate"] if step else []) + (["choose a smaller --kappa"] if recipe.kappa else [])
    if not math.isfinite(objective):
        raise InputError(f"{where} the objective L + kappa S is {objective}: {' or '.join(cures)}")
    for size in (float(one.grad.abs().max()) for one in weights.values() if one.grad is not None):
        if not size * size <= LARGEST_FLOAT32:  # NaN neither
            raise InputError(
                f"{where} a gradient of {size:.5g} is too large for Adam, which squares it in float32:"
                f" {' or '.join([*cures, 'scale the data'])}"
            )


def loss_and_slope(loss: Loss, f: torch.Tensor, Y: NDArray[Any]) -> tuple[float, torch.Tensor]:
    """The loss of these outputs, a mean over the samples, and its gradient in them; in float32, as everything here."""
    outputs: NDArray[Any] = f.detach().numpy()
    with np.errstate(all="ignore"):
        value = loss.floats(outputs, Y).sum() / np.float32(len(Y))
        slope = loss.gradient(outputs, Y) * np.float32(1.0 / len(Y))
    return float(value), torch.from_numpy(slope)


def _initial(D: int, p: int, recipe: Recipe) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(recipe.seed)

    def normal(rows: int, columns: int, scale: float) -> torch.Tensor:
        return (torch.randn(rows, columns, generator=generator) * scale).requires_grad_()

    m = recipe.width
    # Adam's steps do not scale with the weights: small readouts train fast, and rows near He's scale stay diverse.
    weights = {"W": normal(m, D, 0.7 * math.sqrt(2 / D))}
    if CLASSES[recipe.kind].has_skip or CLASSES[recipe.kind].has_stream:
        weights["V"] = normal(p, m, 0.1 / math.sqrt(m))
    for prefix in _prefixes(recipe):
        before = m
        for k, r in enumerate(recipe.branch):
            matrix, offset = layer_names(k, prefix)
            weights[matrix] = normal(r, before, math.sqrt((1 if k == 0 else 2) / before))
            weights[offset] = torch.zeros(r, requires_grad=True)
            before = r
        # A block that starts near the identity: the stream is then nearly two-layer, whatever the number of blocks.
        rows = m if CLASSES[recipe.kind].has_stream else p
        weights[f"{prefix}U"] = normal(rows, before, 0.1 / math.sqrt(before))
    weights["c"] = torch.zeros(p, requires_grad=True)
    return weights


def _prefixes(recipe: Recipe) -> tuple[str, ...]:
    """What the names of each branch begin with."""
    if CLASSES[recipe.kind].has_blocks:
        return tuple(f"blocks.{k}." for k in range(recipe.blocks))
    return ("",) if CLASSES[recipe.kind].has_branch else ()


class _Tensors:
    """The arithmetic of the one forward pass on tensors."""

    def affine(self, h: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        product = h @ weight.T
        return product if bias is None else product + bias

    def plus(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        return left + right

    def relu(self, h: torch.Tensor) -> torch.Tensor:
        return torch.relu(h)


def tensor_outputs(kind: str, weights: dict[str, torch.Tensor], X: torch.Tensor) -> torch.Tensor:
    """`f` (N, p) of what the first layer sees (N, D)."""
    return outputs_from(kind, weights, torch.relu(X @ weights["W"].T), _Tensors())


def float_mass(kind: str, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    """`S = sum_j ||w_j|| (||V_j|| + Lambda ||A_j||)`, `Lambda = ||U|| prod ||B_k||`, in float32."""
    norm = torch.linalg.vector_norm
    outgoing = norm(weights["V"], dim=0)
    if CLASSES[kind].has_branch:
        factor = torch.linalg.matrix_norm(weights["U"], ord=2)
        for matrix, _ in list(branch_names(weights))[1:]:
            factor = factor * torch.linalg.matrix_norm(weights[matrix], ord=2)
        outgoing = outgoing + factor * norm(weights["A"], dim=0)
    total: torch.Tensor = (norm(weights["W"], dim=1) * outgoing).sum()
    return total


def _network(weights: dict[str, torch.Tensor], recipe: Recipe) -> Network:
    arrays: dict[str, Array] = {name: tensor.detach().numpy().astype(np.float64) for name, tensor in weights.items()}
    return network_of(recipe.kind, arrays, bias=True)
