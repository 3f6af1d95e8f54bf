"""The command line: one json object on stdout; exit 0 PROVED, 1 refuted or refused, 2 unusable input."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from . import canonical_json, rationals, speech
from .check import check
from .effort import DEFAULT_EFFORT, UNIT
from .errors import Unusable
from .files import DEFAULT_BUDGET, GIB


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        raise Unusable(f"{message}: see --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    try:
        options = _parser().parse_args(arguments)
        memory, effort = _size("--memory", options.memory, GIB), _size("--effort", options.effort, UNIT)
        given = (options.cert, options.data, options.start, options.end, options.level)
        report = check(*given, memory, effort, options.error_rate)
    except Unusable as error:
        return _complain(str(error))
    except MemoryError:
        return _complain("the machine has too little memory for this input: free some, or give less to --memory")
    try:
        print(canonical_json.shown(report.to_json()), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on
    return report.exit_status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m numerics.checker", description="Check a certificate of a path between two networks."
    )
    parser.add_argument("cert", metavar="CERT", help="the certificate")
    parser.add_argument("--data", required=True, help="digits, diabetes, or an .npz file with X and Y (or labels)")
    parser.add_argument("--start", metavar="NET", help="the network that the path should start at (.npz, .safetensors)")
    parser.add_argument("--end", metavar="NET", help="the network at its end; for a depth certificate the reference")
    parser.add_argument("--level", metavar="B", help="claim that the loss keeps to this bound: 0.05, 5e-2 or 1/20")
    parser.add_argument("--error-rate", metavar="E", help="claim that no more than this share of samples is wrong")
    parser.add_argument("--memory", metavar="GiB", default=str(DEFAULT_BUDGET // GIB), help="default: %(default)s")
    parser.add_argument(
        "--effort",
        metavar="E",
        default=str(DEFAULT_EFFORT // UNIT),
        help="billions of word operations that may be spent, each about a second; default: %(default)s",
    )
    return parser


def _size(option: str, written: str, unit: int) -> int:
    """So many units. Raises Unusable."""
    try:
        size = int((rationals.parse_level(written) * unit).floor())
    except ValueError as error:
        raise Unusable(f"{option} {written[:40]!r} is unusable: {error}") from None
    if size < 1:
        raise Unusable(f"{option} {written[:40]!r} is unusable: it must be positive")
    return size


def _complain(message: str) -> int:
    speech.complain(message)
    return 2


if __name__ == "__main__":
    sys.exit(main())
