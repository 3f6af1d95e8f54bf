"""The Fraction checker on depth certificates: the end is the reference, and better than the start."""

import pytest

from support.certificate_drafts import ALL, certificate, corners, depth_draft, refused
from support.second_checker import check


def in_depth(**changes):
    """The depth draft with another reference (`W`, `V`, `c`), other `slots` or other `moves` at last."""
    draft = depth_draft()
    reference, slots = draft["reference"]
    reference |= {name: value for name, value in changes.items() if name in "WVc"}
    draft["reference"] = (reference, changes.get("slots", slots))
    draft["segments"][2][1].update(changes.get("moves", {}))
    return draft


DEPTHS = {
    "slots that repeat": (in_depth(slots=[2, 2]), "distinct"),
    "a slot too high": (in_depth(slots=[2, 3]), "slots"),
    "a negative slot": (in_depth(slots=[2, -3]), "slots"),
    "no slots": (in_depth(slots=[]), "slots"),
    "a truth as a slot": (in_depth(slots=[2, False]), "slots"),
    "slots in another order": (in_depth(slots=[0, 2]), "not the network on the slots"),
    "too few slots": (in_depth(slots=[2], moves={"V": (ALL, [[0.0, 0.0, 0.5]])}), "not the network"),
    "V off the slots": (in_depth(moves={"V": (ALL, [[-0.5, 0.125, 0.5]])}), "V is not zero"),
    "U at the end": (in_depth(moves={"U": (ALL, [[0.125]])}), "U is not zero"),
    "another W": (in_depth(W=[[1.0, 0.0], [-1.0, 0.5]]), "not the network on the slots"),
    "another V": (in_depth(V=[[0.5, -0.25]]), "not the network on the slots"),
    "another c": (in_depth(c=[0.25]), "not the network on the slots"),
    "a minus sign on a zero": (in_depth(W=[[1.0, -0.0], [-1.0, 0.0]]), "not the network on the slots"),
}


@pytest.mark.parametrize(("draft", "because"), DEPTHS.values(), ids=DEPTHS)
def test_an_end_that_is_not_the_reference_is_refused(draft, because):
    """Each way of not being the reference on its slots is refused, the reference's digest being right."""
    refused(draft, certificate(draft), because)


def test_a_reference_with_c_needs_a_space_with_c():
    """The reference has `c`, the space has none: refused, though both are the same function."""
    draft = in_depth(c=[0.0])
    del draft["start"]["c"], draft["segments"][2][1]["c"]
    refused(draft, certificate(draft), "not the network on the slots")


def test_depth_needs_a_strictly_smaller_loss_at_the_end():
    """From the reference itself, or from a better start, there is no descent: refused."""
    draft = depth_draft()
    last = corners(draft)[-1]
    draft["start"], draft["segments"] = last, [("readout", {})]
    refused(draft, certificate(draft), "depth: the end's loss is not below")


def test_the_reference_given_is_compared():
    """Another network as the reference file, or the same weights as another class, is refused."""
    draft = depth_draft()
    data, reference = certificate(draft), draft["reference"][0]
    for class_, parameters in (("two-layer", reference | {"c": [0.25]}), ("parallel", reference)):
        other = {"class": class_, "bias": 1, "parameters": parameters}
        verdict = check(data, draft["X"], draft["Y"], None, other)
        assert verdict.reason == "reference: not the network given"
