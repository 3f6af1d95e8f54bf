"""Every word that leaves the checker. What it quotes of files and arguments must not steer a terminal or hide.

Errors escape their message when they are made, reports when they become JSON, and `complain` is the only way to
standard error.
"""

import sys
from typing import Any

# Printable by Python's word, and yet nothing is seen of them (Default_Ignorable_Code_Point): joiners, fillers,
# variation selectors.
_UNSEEN = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xE0100, 0xE01EF),
)


def printable(words: str) -> str:
    """The words with a backslash escape for whatever is no visible character: controls, bidi marks, line ends."""
    if words.isascii() and words.isprintable():
        return words
    return "".join(c if _is_seen(c) else c.encode("unicode_escape").decode("ascii") for c in words)


def printable_json(value: Any) -> Any:
    """A JSON value whose strings and keys are printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(key): printable_json(one) for key, one in value.items()}
    return [printable_json(one) for one in value] if isinstance(value, list) else value


def complain(message: str) -> None:
    """One line on standard error."""
    print(printable(message), file=sys.stderr)


def _is_seen(character: str) -> bool:
    return character.isprintable() and not any(low <= ord(character) <= high for low, high in _UNSEEN)
