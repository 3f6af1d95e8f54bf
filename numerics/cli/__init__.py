"""The command line. Each module adds its commands to `cli.common.app`, in the order in which help lists them."""

from numerics.cli import demo, landscape, pictures, separate, objects, convert, audit, verify, sweep  # noqa: F401, I001 (the order of help)
from numerics.cli.common import app
from numerics.cli.entry import exit_status, main

__all__ = ["app", "exit_status", "main"]
