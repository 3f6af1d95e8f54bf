"""All json of the checker: strict, without NaN or Infinity; canonical json has one encoding per document."""

import json

from .errors import Refused


def dumps(document: object) -> bytes:
    """ASCII, sorted keys, separators `,` and `:` without spaces."""
    written = json.dumps(document, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return written.encode("ascii")


def shown(document: object) -> str:
    """For programs that read an answer: indented. Raises ValueError for a number that is not finite."""
    return json.dumps(document, indent=2, allow_nan=False)


def loads(blob: bytes) -> object:
    """The document whose canonical json is `blob`. Raises Refused, also for every floating-point number."""
    try:
        document = json.loads(blob.decode("ascii"), parse_float=_no_float, parse_constant=_no_float)
        # Writing it again also catches duplicate keys: the second of them would be lost.
        if dumps(document) == blob:
            return document
    # ValueError: malformed text, an integer of more than 4300 digits, a float. RecursionError: nested too
    # deeply.
    except (ValueError, RecursionError) as error:
        raise Refused(f"certificate.json is malformed: {str(error)[:120]}") from None
    raise Refused("certificate.json is not in canonical form")


def _no_float(written: str) -> None:
    raise ValueError(f"floating-point number {written[:40]}")
