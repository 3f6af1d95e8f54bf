"""The independent checker: it believes nothing of a certificate and shares no line of code with the finder.

`proofs_notes/certificate.md` is the specification. A certificate's bytes are verified, its corners rebuilt,
its segments' kinds checked, and the losses of all corners recomputed as exact rationals with FLINT; the
maximum over the whole continuous path is then the maximum over the corners. Imports: the standard library,
numpy (arrays and bits, never deciding arithmetic), flint.

    python -m numerics.checker CERT --data DATA [--start NET] [--end NET] [--level B] [--memory GiB]
"""

from .check import check
from .errors import Unusable
from .report import Report

__all__ = ["Report", "Unusable", "check"]
