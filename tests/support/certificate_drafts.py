"""Small paths as drafts to forge from: plain dictionaries, in which a test may change whatever it likes.

A *draft* is what a finder would know: the start, the moves, the data, the question. `honest` has every number and
digest computed from it (`certificates.Forge`), so an edited draft is a forgery with all digests recomputed. Edits to
the claim or to the entries come after that; the digest in the archive's comment is always recomputed.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from support.certificates import Change, Document, Forge, canonical, network_digest, pack, raw_npy
from support.second_checker import Verdict, check

ALL = "all"
Draft = dict[str, Any]


def forge_of(draft: Draft) -> Forge:
    """The path; its reference is the draft's own affair, which may be none of the end's."""
    return Forge(
        draft["class"],
        draft["bias"],
        {name: np.array(array, dtype=float) for name, array in draft["start"].items()},
        np.array(draft["X"], dtype=float),
        np.array(draft["Y"], dtype=float),
        draft["segments"],
        question="depth" if draft["reference"] else "connect",
        level=None if draft["level"] is None else Fraction(draft["level"]),
        route="by hand 1",
    )


def corners(draft: Draft) -> list[dict[str, Any]]:
    """The networks at the corners of the path, as lists."""
    return [{name: array.tolist() for name, array in corner.items()} for corner in forge_of(draft).corners()]


def honest(draft: Draft) -> Document:
    """The claim with every number and digest computed from the draft."""
    document = forge_of(draft).document()
    if draft["reference"]:
        weights, slots = draft["reference"]
        arrays = {name: np.array(array, dtype=float) for name, array in weights.items()}
        document["reference"] = {"digest": network_digest("two-layer", draft["bias"], arrays), "slots": slots}
    return document


def stored_arrays(draft: Draft) -> dict[str, bytes]:
    """The entries of the archive but for the claim."""
    return {name: raw_npy(array) for name, array in forge_of(draft).arrays().items()}


def certificate(
    draft: Draft,
    edit_claim: Change | None = None,
    edit_entries: Change | None = None,
    raw_claim: Callable[[Document], bytes] = canonical,
) -> bytes:
    """The bytes of a certificate; `edit_claim`, `edit_entries` change a dict in place."""
    claim = honest(draft)
    if edit_claim:
        edit_claim(claim)
    entries = stored_arrays(draft) | {"certificate.json": raw_claim(claim)}
    if edit_entries:
        edit_entries(entries)
    return pack(entries)


def network(draft: Draft, corner: int) -> dict[str, Any]:
    """The network at a corner, as the second checker is given it."""
    return {"class": draft["class"], "bias": draft["bias"], "parameters": corners(draft)[corner]}


def deep_draft() -> Draft:
    """A path of a branch of depth two, each kind of move once: silence the branch, rebuild it, wake it."""
    return {
        "class": "parallel",
        "bias": 1,
        "X": [[1.0], [-1.0], [0.5]],
        "Y": [[1.0], [0.25], [-2.0]],
        "level": None,
        "reference": None,
        "start": {
            "W": [[1.0, 0.5], [-1.0, 0.25], [0.5, -0.125]],
            "V": [[1.0, -0.5, 0.75]],
            "A": [[1.0, -1.0, 0.5], [0.25, 0.5, -0.5]],
            "a": [0.5, -0.25],
            "B1": [[1.0, 0.5], [-1.0, 2.0]],
            "b1": [0.125, 0.25],
            "U": [[1.0, -0.5]],
            "c": [0.25],
        },
        "segments": [
            ("readout", {"V": (ALL, [[0.5, 1.0, 0.0]]), "U": (ALL, [[0.0, 0.0]]), "c": (ALL, [0.5])}),
            (
                "silent",
                {
                    "W": ([2], [[-3.0, 1.0]]),
                    "A": ([0, 2], [[2.0, 1.0], [1.0, -1.0]]),
                    "a": (ALL, [0.0, 1.0]),
                    "B1": (ALL, [[0.5, 0.5], [1.0, -1.0]]),
                    "b1": (ALL, [1.0, 0.0]),
                },
            ),
            ("silent", {}),
            ("readout", {"V": ([2], [[0.125]]), "U": (ALL, [[0.5, 0.25]])}),
        ],
    }


def depth_draft() -> Draft:
    """From a bad start to a reference with f = [x]_+/2 - [-x]_+/2 + 1/2 on the slots (2, 0), loss 0."""
    reference = {"W": [[1.0, 0.0], [-1.0, 0.0]], "V": [[0.5, -0.5]], "c": [0.5]}
    return {
        "class": "parallel",
        "bias": 1,
        "X": [[1.0], [-1.0]],
        "Y": [[1.0], [0.0]],
        "level": None,
        "reference": (reference, [2, 0]),
        "start": {
            "W": [[2.0, 0.5], [1.0, 1.0], [0.0, 1.0]],
            "V": [[1.0, 1.0, 1.0]],
            "A": [[1.0, 1.0, 1.0]],
            "U": [[1.0]],
            "c": [0.0],
        },
        "segments": [
            ("readout", {"V": (ALL, [[0.0, 0.0, 0.0]]), "U": (ALL, [[0.0]])}),
            ("silent", {"W": ([0, 2], [[-1.0, 0.0], [1.0, 0.0]])}),
            ("readout", {"V": ([0, 2], [[-0.5, 0.5]]), "c": (ALL, [0.5])}),
        ],
    }


def two_layer_draft() -> Draft:
    """One neuron turned while its output weight is zero; no bias anywhere."""
    return {
        "class": "two-layer",
        "bias": 0,
        "X": [[1.0, 0.0], [0.0, 1.0]],
        "Y": [[4.0], [4.0]],
        "level": "16/1",
        "reference": None,
        "start": {"W": [[1.0, 0.0], [3.0, 4.0]], "V": [[1.0, 1.0]]},
        "segments": [
            ("readout", {"V": (ALL, [[4.0, 0.0]])}),
            ("silent", {"W": ([1], [[0.0, 1.0]])}),
            ("readout", {"V": ([1], [[4.0]])}),
        ],
    }


DRAFTS = {"deep": deep_draft, "depth": depth_draft, "two-layer": two_layer_draft}


def verdict_of(draft: Draft, data: bytes, ends: bool = False) -> Verdict:
    """The checker's verdict on `data`, on the draft's data set and, if asked for, its end networks."""
    if not ends:
        return check(data, draft["X"], draft["Y"])
    end = network(draft, -1)
    if draft["reference"]:
        end = {"class": "two-layer", "bias": draft["bias"], "parameters": draft["reference"][0]}
    return check(data, draft["X"], draft["Y"], network(draft, 0), end)


def refused(draft: Draft, data: bytes, because: str) -> None:
    """Assert that `data` is refused, for a reason that contains `because`."""
    verdict = verdict_of(draft, data)
    assert not verdict.accepted
    assert because in verdict.reason, verdict.reason
