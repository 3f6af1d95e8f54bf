"""`python -m numerics` is the command `skipscape`."""

from numerics.cli import main

main()
