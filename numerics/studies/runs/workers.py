"""Who does the tasks: this process, processes of joblib's own, or those of dask or ray, by one and the same code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from numerics.common.progress import Progress, no_progress
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.studies.runs.journal import Journal
from numerics.studies.runs.task import Json, Task

SCHEDULERS = ("local", "dask", "ray")
MOST = 1024
BATCH = 4  # tasks a worker gets at once where results come only at the end of all that were given


@dataclass(frozen=True)
class Workers(Shown):
    """So many at a time: processes on this machine (`local`), of a dask LocalCluster, or of ray. Raises InputError."""

    jobs: int = 1
    scheduler: str = "local"

    def __post_init__(self) -> None:
        if self.scheduler not in SCHEDULERS:
            raise InputError(f"--scheduler {self.scheduler!r} is unknown: choose among {', '.join(SCHEDULERS)}")
        if not 1 <= self.jobs <= MOST:
            raise InputError(f"--jobs {self.jobs}: from 1 to {MOST} tasks at a time")

    @contextmanager
    def at_work(self) -> Iterator[Callable[[Iterator[Task]], Iterator[tuple[str, Json]]]]:
        """A block with a function that does tasks, and yields key and value of each as it is done."""
        from joblib import Parallel, delayed, parallel_config

        with ExitStack() as block:
            if self.scheduler == "dask":
                block.enter_context(_dask(self.jobs))
            if self.scheduler == "ray":
                block.enter_context(_ray(self.jobs))
            inner = {"inner_max_num_threads": 1} if self.scheduler == "local" and self.jobs > 1 else {}
            backend = {"local": "loky"}.get(self.scheduler, self.scheduler)
            block.enter_context(parallel_config(backend, n_jobs=self.jobs, **inner))

            def do(tasks: Iterator[Task]) -> Iterator[tuple[str, Json]]:
                if self.scheduler == "ray":  # its backend has no results before all are done
                    while some := list(islice(tasks, BATCH * self.jobs)):
                        yield from Parallel(batch_size=1)(delayed(_named)(one) for one in some)
                    return
                parallel = Parallel(batch_size=1, return_as="generator_unordered")
                yield from parallel(delayed(_named)(one) for one in tasks)

            yield do


ALONE = Workers()


def results(
    tasks: Sequence[Task],
    *,
    workers: Workers = ALONE,
    journal: Journal | None = None,
    progress: Progress = no_progress,
    needless: Callable[[Task], bool] = lambda task: False,
) -> Iterator[tuple[str, Json]]:
    """Key and value of every task: first what the journal has, then the others as they are done, each on disk before
    it is yielded.

    A value depends on its task alone, not on the workers or the order. `needless` is asked before a task is given to
    anybody. Raises what a task raises, and ValueError for two tasks of one key.
    """
    if len({task.key for task in tasks}) < len(tasks):
        raise ValueError("two tasks have one key")
    known = {} if journal is None else dict(journal.known)
    yield from ((task.key, known[task.key]) for task in tasks if task.key in known)
    left = [task for task in tasks if task.key not in known]
    if not left:
        return
    begun, total = time.monotonic(), len(tasks)
    progress(f"0 of {len(left)} cells", (total - len(left)) / total)

    def chosen() -> Iterator[Task]:
        for task in left:
            if not needless(task):
                if workers.jobs == 1:
                    progress(task.key, (total - len(left) + done) / total)
                yield task

    done = 0
    with workers.at_work() as do:
        for key, value in do(chosen()):
            if journal is not None:
                journal.append(key, value)
            done += 1
            ahead = (time.monotonic() - begun) / done * (len(left) - done)
            words = f"{key}: {done} of {len(left)} cells, {about(ahead)} left"
            progress(words, (total - len(left) + done) / total)
            yield key, value


def about(seconds: float) -> str:
    """An estimate in words."""
    if seconds < 90:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def _named(task: Task) -> tuple[str, Json]:
    return task.key, task.done()


@contextmanager
def _dask(jobs: int) -> Iterator[Any]:
    """A cluster of so many processes with one thread each, gone at the end. Raises InputError: it is not installed."""
    try:
        from dask.distributed import Client, LocalCluster
    except ImportError:
        raise InputError("--scheduler dask needs dask: install it with pip install 'skipscape[dask]'") from None
    with (
        LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def _ray(jobs: int) -> Iterator[None]:
    """Ray on this machine, gone at the end. Raises InputError: it is not installed."""
    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError:
        raise InputError("--scheduler ray needs ray: install it with pip install 'skipscape[ray]'") from None
    register_ray()
    ray.init(num_cpus=jobs, include_dashboard=False, log_to_driver=False)
    try:
        yield
    finally:
        ray.shutdown()
