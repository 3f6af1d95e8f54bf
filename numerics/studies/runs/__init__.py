"""Many runs: tasks that do not depend on each other, by joblib, with a journal from which a killed run goes on."""

from numerics.studies.runs.journal import Journal
from numerics.studies.runs.task import Task
from numerics.studies.runs.workers import ALONE, SCHEDULERS, Workers, results

__all__ = ["ALONE", "SCHEDULERS", "Journal", "Task", "Workers", "results"]
