"""What the tables are about: data, trained networks with two-layer references, untrained ones of mass 1 with theirs."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from numerics.common.shown import Shown
from numerics.data import Data, one_hot, read_data, write_data
from numerics.errors import InputError
from numerics.losses.loss import Loss, Targets
from numerics.losses.registry import SQUARED
from numerics.networks.base import Network
from numerics.networks.files import write_network
from numerics.studies.runs import Task
from numerics.studies.sweep.teachers import bisecting, student, taught, teacher
from numerics.torch_bridge import Recipe, one_thread, require_torch, train

KINDS = ("plain", "regularised", "teacher")
MOONS = "moons"  # the plane: two interleaved half circles, 400 points, noise 0.1, seed 0, one-hot targets
REFERENCE_SEED = 7
LARGEST_KAPPA = 1e6


@dataclass(frozen=True)
class Plan(Shown):
    """Every width m with every l below it, every kind; `kappas` for the regularised, `until` for the plain.

    `steps` of training; a plain network is the first of its run whose loss is at most `until`, the last if none is: a
    claim about its depth needs a better two-layer network. References are trained without penalty.
    """

    widths: tuple[int, ...]
    neurons: tuple[int, ...]
    kinds: tuple[str, ...] = KINDS
    kappas: tuple[float, ...] = (0.03,)
    until: float = 0.06
    steps: int = 1500
    seed: int = 0
    branch: tuple[int, ...] = (32, 32)
    loss: Loss = SQUARED

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.kinds) - set(KINDS)):
            raise InputError(f"kind {unknown[0]!r} is unknown: choose among {', '.join(KINDS)}, or none")
        if "teacher" in self.kinds and self.loss.targets is not Targets.VALUES:
            raise InputError(
                f"a teacher's outputs are any numbers, which loss {self.loss.name} is not about: leave out kind teacher"
            )
        if self.kinds and not self.sizes():
            raise InputError(f"l in {self.neurons}, m in {self.widths}: l < m is needed, and no pair has it")
        if not all(0 < kappa <= LARGEST_KAPPA for kappa in self.kappas):
            raise InputError(f"kappa in {self.kappas}: numbers above 0, at most {LARGEST_KAPPA:g}, are needed")
        if not 0 <= self.until < math.inf:
            raise InputError(f"until = {self.until}: a loss is needed")

    def sizes(self) -> list[tuple[int, int]]:
        """All `(m, l)` with `l < m`."""
        return [(m, l_) for m in self.widths for l_ in self.neurons if l_ < m]

    @property
    def size(self) -> int:
        """How many problems there are."""
        return len(self.sizes()) * sum(len(self.kappas) if kind == "regularised" else 1 for kind in self.kinds)

    def fixed(self) -> str:
        """What the command's options do not say, in one line."""
        branch = "-".join(map(str, self.branch))
        return f"PARALLEL, branch {branch}; references are two-layer, trained without penalty, seed {REFERENCE_SEED}"


@dataclass(frozen=True)
class Cell(Shown):
    """A network, a two-layer reference and their data, as files; `kind` in words, with kappa where there is one.

    `kappa`: of the training, None where nothing is trained.
    """

    kind: str
    network: Path
    reference: Path
    data: str
    width: int
    neurons: int
    kappa: float | None = None

    @property
    def stem(self) -> str:
        """What the certificate's file is called."""
        return f"{self.network.stem}-{self.reference.stem}"

    def describe(self) -> str:
        return f"{self.kind}, m = {self.width}, l = {self.neurons}"


def points(name: str) -> Data:
    """`moons`, or what `read_data` knows. Raises InputError."""
    if name != MOONS:
        return read_data(name)
    from sklearn.datasets import make_moons

    X, labels = make_moons(400, noise=0.1, random_state=0)
    return Data(X, one_hot(labels), MOONS)


def problems(data: Data, name: str, plan: Plan, folder: Path) -> list[Cell]:
    """Every cell of the table, of files in `folder`: those of teachers are written here, the trained ones by the tasks
    of `trainings`.
    """
    file = name
    if name == MOONS:
        file = str(folder / f"{MOONS}.npz")
        write_data(Path(file), data, force=True)
    found = list[Cell]()
    for kind in plan.kinds:
        if kind == "teacher":
            found += [_drawn(data, width, neurons, plan, folder) for width, neurons in plan.sizes()]
            continue
        for kappa in plan.kappas if kind == "regularised" else (0.0,):
            words = f"kappa {kappa}" if kappa else "plain"  # all digits: it names the file
            for width, neurons in plan.sizes():
                network = folder / f"{words.replace(' ', '-')}-{width}.npz"
                found.append(Cell(words, network, folder / f"reference-{neurons}.npz", file, width, neurons, kappa))
    return found


def trainings(cells: Iterable[Cell], plan: Plan) -> list[Task]:
    """One task a network and one a reference of these cells, each trained once; the value is the file's digest."""
    tasks = dict[Path, Task]()
    for one in cells:
        if one.kappa is None:
            continue
        levels = () if one.kappa else (plan.until,)
        network = Recipe(one.width, plan.branch, steps=plan.steps, seed=plan.seed, kappa=one.kappa, loss=plan.loss)
        reference = Recipe(
            one.neurons, plan.branch, kind="two-layer", steps=plan.steps, seed=REFERENCE_SEED, loss=plan.loss
        )
        for path, recipe, wanted in ((one.network, network, levels), (one.reference, reference, ())):
            key = f"training {recipe.describe()}"
            tasks.setdefault(path, Task(key, _trained, (one.data, recipe, wanted, path)))
    if tasks:
        require_torch()
    return list(tasks.values())


def made(task: Task, digest: object) -> bool:
    """Whether a training's file is there, with this digest."""
    path: Path = task.given[-1]
    return path.is_file() and _digest(path) == digest


def _trained(data: str, recipe: Recipe, levels: tuple[float, ...], path: Path) -> str:
    """The first network of its run that is at the level, else the last one, written; the digest of the file."""
    with one_thread():
        last, reached = train(read_data(data), recipe, levels=levels)
    return _digest(_kept(path, reached.get(levels[0], last) if levels else last))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _drawn(data: Data, width: int, neurons: int, plan: Plan, folder: Path) -> Cell:
    """The teacher of this l, the same for every width: its outputs are the targets, so its loss is 0 or nearly."""
    rng = np.random.default_rng([plan.seed, neurons])
    law = bisecting(data, rng)
    by = teacher(law, neurons, rng)
    file = folder / f"taught-{neurons}.npz"
    write_data(file, taught(data, by), force=True)
    reference = _kept(folder / f"teacher-{neurons}.npz", by)
    network = _kept(folder / f"student-{width}-{neurons}.npz", student(law, width, plan.branch, rng))
    return Cell("teacher", network, reference, str(file), width, neurons)


def _kept(path: Path, network: Network) -> Path:
    write_network(path, network, force=True)
    return path
