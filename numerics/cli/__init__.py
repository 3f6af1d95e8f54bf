"""The command line. Each module adds its commands to `common.app`, in the order in which help lists them."""

from numerics.cli import demo, landscape, objects, sweep  # noqa: F401
from numerics.cli.common import app
from numerics.cli.entry import exit_status, main

__all__ = ["app", "exit_status", "main"]
