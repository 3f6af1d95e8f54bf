"""Arguments that claim more than their pieces can give cannot be built."""

import pytest

from theory.evidence import Argument, Evidence, Extent
from theory.proof import Method, Reach

SMT = Evidence("relu.homogeneous", Method.SMT, "scalars")
SAMPLES = Evidence("check.L1a", Method.SAMPLED, "drawn scalars")


@pytest.mark.parametrize(
    ("extent", "pieces", "remains", "message"),
    [
        (Extent.WHOLE, (SAMPLES,), "", "only samples"),
        (Extent.PART, (SMT, SAMPLES), "vectors", "only samples"),
        (Extent.STEP, (SAMPLES,), "vectors", "only samples"),
        (Extent.WHOLE, (SMT,), "vectors", "extent 'whole statement' with remains"),
        (Extent.PART, (SMT,), "", "extent 'part' with remains"),
        (Extent.INSTANCES, (SAMPLES,), "", "extent 'instances' with remains"),
        (Extent.WHOLE, (), "", "at least one piece"),
        (Extent.WHOLE, (SMT, SMT), "", "named twice"),
    ],
)
def test_an_argument_says_what_it_leaves_and_samples_prove_nothing(extent, pieces, remains, message):
    with pytest.raises(ValueError, match=message):
        Argument("L1a", extent, pieces, remains=remains)


def test_their_true_twins_are_built():
    assert Argument("L1a", Extent.WHOLE, (SMT,)).uses == ()
    assert Argument("L1a", Extent.PART, (SMT,), ("L2",), "vectors").remains == "vectors"
    assert Argument("L1a", Extent.INSTANCES, (SAMPLES,), remains="all others")


@pytest.mark.parametrize("reach", [reach for reach in Reach if reach is not Reach.GIVEN])
def test_samples_are_given_objects(reach):
    with pytest.raises(ValueError, match="samples are given objects"):
        Evidence("check.L1a", Method.SAMPLED, "drawn scalars", reach)


def test_without_a_word_a_piece_reaches_what_is_given():
    assert SMT.reach is SAMPLES.reach is Reach.GIVEN


def test_no_statement_is_used_to_prove_itself():
    with pytest.raises(ValueError, match="uses the statement itself"):
        Argument("L1a", Extent.WHOLE, (SMT,), ("L1a",))


@pytest.mark.parametrize(("name", "scope"), [("", "scalars"), (" relu.x", "scalars"), ("relu.x", " ")])
def test_evidence_has_a_name_and_a_scope(name, scope):
    with pytest.raises(ValueError, match="must"):
        Evidence(name, Method.SMT, scope)
