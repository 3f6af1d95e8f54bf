"""The command line. Each module adds its commands to `cli.common.app`."""

# isort: off
# Help lists the commands in the order in which their modules are imported.
from numerics.cli import demo as demo
from numerics.cli import landscape as landscape
from numerics.cli import pictures as pictures
from numerics.cli import separate as separate
from numerics.cli import objects as objects
from numerics.cli import convert as convert
from numerics.cli import export as export
from numerics.cli import audit as audit
from numerics.cli import verify as verify
from numerics.cli import sweep as sweep
from numerics.cli import study as study

# isort: on
from numerics.cli.common import app
from numerics.cli.entry import exit_status, main

__all__ = ["app", "exit_status", "main"]
