"""Claims as TOML: one table `[[claim]]` for each, of one of three kinds, told apart by their keys.

[[claim]]
name = "..."            # any text
exponent = "(eta-1)/n"  # with quantity = "depth" | "deviation", bias = true | false, bounded_mass = true | false

bound = "R4"            # with constant = "99/100": the ledger's bound with another constant in front

directions = 4          # with dimension = 1, angle = "6/5": at most so many are pairwise more than `angle` apart
"""

import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from sympy import Expr, pi

from theory.claims import LEAST, QUANTITIES, Claim, Exponent, Packed, Scaled
from theory.exact import strictly_below
from theory.reading import read_formula
from theory.symbols import eta, n

MOST_CLAIMS = 100
LARGEST_DIMENSION = 1000

SHIPPED = ("abstract",)
"""Files that come with the package: the abstract's one claim (a rate, no constant), in its readings."""


def shipped(name: str) -> str:
    """The text of a shipped file."""
    return files("theory").joinpath(f"{name}.toml").read_text(encoding="utf-8")


def read_claims(text: str) -> tuple[Claim, ...]:
    """The claims of a TOML text. Raises ValueError, in one line, naming the claim and the key."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"no TOML: {error}") from None
    except RecursionError:
        raise ValueError("no TOML: nested too deeply") from None
    claims = table.get("claim")
    if set(table) - {"claim", "about"} or not isinstance(claims, list) or not claims:
        raise ValueError("it must hold tables [[claim]] and may hold a text `about`")
    if len(claims) > MOST_CLAIMS:
        raise ValueError(f"{len(claims)} claims are too many, at most {MOST_CLAIMS}")
    return tuple(_claim(one, f"claim {number}") for number, one in enumerate(claims, 1))


def _claim(table: Any, where: str) -> Claim:
    if not isinstance(table, dict):
        raise ValueError(f"{where} is no table")
    kinds = [key for key in _KINDS if key in table]
    if len(kinds) != 1:
        raise ValueError(f"{where} must have exactly one of {', '.join(_KINDS)}, got {', '.join(kinds) or 'none'}")
    keys, build = _KINDS[kinds[0]]
    if wrong := sorted(set(table) ^ {"name", *keys}):
        raise ValueError(f"{where} ({kinds[0]}) must have name, {', '.join(keys)} and no more; differs in {wrong}")
    if not isinstance(table["name"], str) or not table["name"].strip():
        raise ValueError(f"{where}: name must be a text")
    if not table["name"].isprintable():
        raise ValueError(f"{where}: name must be one line of printable text")
    return build(table, f"{where} ({' '.join(table['name'].split())[:60]})")


def _formula(table: Mapping[str, Any], key: str, where: str, **letters: Any) -> Expr:
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError(f'{where}: {key} must be a text such as "99/100" (or a whole number), got {str(value)[:40]!r}')
    try:
        return read_formula(str(value), letters)
    except ValueError as error:
        raise ValueError(f"{where}: {key}: {error}") from None


def _flag(table: Mapping[str, Any], key: str, where: str) -> bool:
    value = table[key]
    if not isinstance(value, bool):
        raise ValueError(f"{where}: {key} must be true or false, got {str(value)[:40]!r}")
    return value


def _whole(table: Mapping[str, Any], key: str, where: str, most: int) -> int:
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise ValueError(f"{where}: {key} must be a whole number from 1 to {most}, got {str(value)[:40]!r}")
    return value


def _exponent(table: Mapping[str, Any], where: str) -> Claim:
    value = _formula(table, "exponent", where, eta=eta, n=n)
    if not value.is_rational_function(eta, n) or value.has(pi) or not value.subs({eta: 0, n: 2}).is_rational:
        raise ValueError(f"{where}: exponent must be a fraction of polynomials in eta and n with rational numbers")
    if table["quantity"] not in QUANTITIES:
        raise ValueError(
            f"{where}: quantity must be one of {', '.join(QUANTITIES)}, got {str(table['quantity'])[:40]!r}"
        )
    bias, bounded = (_flag(table, key, where) for key in ("bias", "bounded_mass"))
    return Exponent(table["name"], table["quantity"], value, bias, bounded)


def _scaled(table: Mapping[str, Any], where: str) -> Claim:
    if not isinstance(table["bound"], str) or table["bound"] not in LEAST:
        raise ValueError(f"{where}: bound must be one of {', '.join(LEAST)}, got {table['bound']!r}")
    constant = _formula(table, "constant", where)
    if not constant.is_real or strictly_below(constant, 0):
        raise ValueError(f"{where}: constant must be a real number >= 0, got {table['constant']!r}")
    return Scaled(table["name"], table["bound"], constant)


def _packed(table: Mapping[str, Any], where: str) -> Claim:
    angle = _formula(table, "angle", where)
    if not angle.is_real or not strictly_below(0, angle) or strictly_below(pi, angle):
        raise ValueError(f"{where}: angle must be in (0, pi], got {table['angle']!r}")
    size = _whole(table, "dimension", where, LARGEST_DIMENSION)
    return Packed(table["name"], size, angle, _whole(table, "directions", where, 10**9))


_KINDS: Mapping[str, tuple[tuple[str, ...], Callable[[Mapping[str, Any], str], Claim]]] = MappingProxyType(
    {
        "exponent": (("exponent", "quantity", "bias", "bounded_mass"), _exponent),
        "bound": (("bound", "constant"), _scaled),
        "directions": (("directions", "dimension", "angle"), _packed),
    }
)
