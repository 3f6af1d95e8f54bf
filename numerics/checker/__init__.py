"""The independent checker: it believes nothing of a certificate and shares no line of code with the finder.

`proofs_notes/certificate.md` is the specification. A certificate's bytes are verified, its corners rebuilt,
its segments' kinds checked, and the losses of all corners and at the stated place recomputed from exact outputs
with FLINT: as rationals, or enclosed where they are none. Without general segments the maximum over the whole
continuous path is the maximum over the corners and the breakpoints of hidden segments, which are recomputed too;
on the pieces of a general segment the loss is bounded in integers, every rounding counted. With labels the error
rate over the whole path is derived alike.
Imports: the standard library, numpy (arrays, bits and machine integers; no float decides anything), flint.

    python -m numerics.checker CERT --data DATA [--start NET] [--end NET] [--level B] [--error-rate E] [--memory GiB]
"""

from .check import check
from .errors import Unusable
from .report import Report

__all__ = ["Report", "Unusable", "check"]
