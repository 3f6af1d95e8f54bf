"""The ledger: no status is better than its evidence, and taking evidence away takes the status away."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from theory import orders
from theory.arguments import FORMAL_PREFIX
from theory.catalogue import CATALOGUE, PROVERS, STATEMENTS
from theory.evidence import Argument, Evidence, Extent
from theory.ledger import Status, audit, declared, reached, rows, with_dependencies
from theory.proof import Method, ProofResult, Reach, Verdict
from theory.statement import Subject

ARGUMENTS = CATALOGUE.arguments
ROOT = Path(__file__).parents[2]
STRENGTH = (Status.OPEN, Status.TESTED, Status.PROVED_BY_PARTS, Status.PROVED)


def runner(result):
    return lambda: result


def answers(name, verdict, statement=None):
    """A run of a declared piece that comes out as `verdict`."""
    piece = declared()[name]
    about = statement or next(one.statement for one in ARGUMENTS if piece in one.pieces)
    return ProofResult(about, "a claim", "a scope", verdict, method=piece.method, reach=piece.reach)


@pytest.fixture(scope="module")
def own():
    """Everything that theory runs itself, run once."""
    return {name: runner(run()) for name, run in CATALOGUE.runners.items()}


@pytest.fixture(scope="module")
def before(own):
    """What theory alone establishes."""
    return statuses(own)


@pytest.fixture(scope="module")
def complete(own):
    """As if every declared piece came out well, Coq and networks too."""
    good = {
        piece.name: Verdict.UNDECIDED if piece.method is Method.SAMPLED else Verdict.PROVED
        for piece in declared().values()
    }
    return {**{name: runner(answers(name, verdict)) for name, verdict in good.items()}, **own}


def statuses(runners, **more):
    return {id_: entry.status for id_, entry in audit(runners, **more).items()}


def test_every_statement_has_an_argument_and_every_prover_is_declared_or_orders_routes():
    assert {one.statement for one in ARGUMENTS} == set(STATEMENTS)
    ordering = {name for order in orders.ORDERS for name in order.pieces}
    assert {piece.name for one in CATALOGUE.steps for piece in one.pieces} | ordering == set(PROVERS)


def test_every_declared_piece_has_a_place_where_it_runs():
    """Networks' own are compared with `numerics/checks` in tests/audit/test_audit.py."""
    elsewhere = set(declared()) - set(CATALOGUE.runners)
    assert {name.partition(".")[0] for name in elsewhere} == {"formal", "check", "case", "exact"}


def test_declared_methods_are_the_provers_own(own):
    """`audit` refuses an answer by another method; here all of them are asked."""
    assert all(declared()[name].method is own[name]().method for name in set(own) & set(declared()))


def test_without_any_run_everything_is_open():
    assert set(statuses({}).values()) == {Status.OPEN}


def test_what_theory_alone_establishes(own):
    found = statuses(own)
    assert {id_ for id_, status in found.items() if status is Status.PROVED} == {"L1a", "L1b", "L1c"}
    assert {id_ for id_, status in found.items() if status is Status.OPEN} == {
        "T1P",
        "T4",
        "T4b",
        "T4+",
        "T5",
        "C2T",
        "C2F+",
        *STEPS_ONLY,
    }


STEPS_ONLY = {"T4F", "T8c", "T11"}
"""An essential step is on paper, and so far nowhere else."""


def test_with_coq_these_and_no_others_are_proved(complete):
    whole = (
        "L1a L1b L1c L3 L4 L6 L7 L8 L9 L10 E1 E2 E3 T1 T7 T7B T7F T7L C1 C1+ C2 C2F C2T C2F+ C7 U1 "
        "R0 R1 R4 R5 R6 R7 R9 RM T1P T2 T3 T4 T4b T4+ T5 T6 T7S T7V T8a T8b T9 T9C T9G T9S T10 T10K T10P T10U C4"
    )
    found = statuses(complete)
    assert [id_ for id_, status in found.items() if status is Status.PROVED] == whole.split()
    rest = {id_: status for id_, status in found.items() if id_ not in whole.split()}
    assert {id_ for id_, status in rest.items() if status is Status.TESTED} == STEPS_ONLY
    assert set(rest.values()) == {Status.PROVED_BY_PARTS, Status.TESTED}


@pytest.mark.parametrize("extent", Extent)
def test_a_status_never_exceeds_the_extent(extent, complete):
    """With arguments of one extent only, nothing is better than what it can give."""
    best = {Extent.WHOLE: Status.PROVED, Extent.PART: Status.PROVED_BY_PARTS, Extent.INSTANCES: Status.TESTED}
    only = [replace(one, uses=()) for one in ARGUMENTS if one.extent is extent]
    assert set(statuses(complete, arguments_=only).values()) <= {Status.OPEN, best.get(extent, Status.OPEN)}


def claimed(statement, reach, *, extent=Extent.WHOLE):
    """The status that an argument gives which claims `extent` for one proved piece of this reach."""
    piece = Evidence("a.piece", Method.SMT, "as said", reach)
    remains = "" if extent is Extent.WHOLE else "the rest"
    found = ProofResult(statement, "a claim", "as said", Verdict.PROVED, method=Method.SMT, reach=reach)
    arguments_ = [Argument(statement, extent, (piece,), remains=remains)]
    return audit({"a.piece": runner(found)}, [statement], arguments_)[statement].status


@pytest.mark.parametrize(
    ("reach", "about_scalars", "about_vectors"),
    [
        (Reach.ALL, Status.PROVED, Status.PROVED),
        (Reach.SCALARS, Status.PROVED, Status.PROVED_BY_PARTS),
        (Reach.FORMULAS, Status.PROVED_BY_PARTS, Status.PROVED_BY_PARTS),
        (Reach.START, Status.TESTED, Status.TESTED),
        (Reach.GIVEN, Status.TESTED, Status.TESTED),
    ],
)
def test_an_argument_that_claims_the_whole_gets_what_its_pieces_reach(reach, about_scalars, about_vectors):
    """L1a is about scalars, L6 about any number of masses: z3 on scalars covers the first whole, the second in part,
    and d = 1..100 neither.
    """
    assert (STATEMENTS["L1a"].subject, STATEMENTS["L6"].subject) == (Subject.SCALARS, Subject.NETWORKS)
    assert (claimed("L1a", reach), claimed("L6", reach)) == (about_scalars, about_vectors)


def test_given_dimensions_do_not_make_a_part():
    """L5 checked for d = 1..100, said to be a part."""
    assert claimed("L5", Reach.GIVEN, extent=Extent.PART) is Status.TESTED
    assert claimed("L5", Reach.FORMULAS, extent=Extent.PART) is Status.PROVED_BY_PARTS


def test_one_given_piece_among_others_is_enough_to_lower_a_part():
    """L5's argument with caps of one radian, d = 1..100, among its steps; an induction's start does not lower it."""
    (part,) = [one for one in CATALOGUE.steps if one.statement == "L5" and one.extent is Extent.PART]
    given = declared()["sphere.caps_of_a_radian"]
    assert Reach.START in {piece.reach for piece in part.pieces}
    assert reached(part.pieces, Subject.NETWORKS) is Status.PROVED_BY_PARTS
    assert reached((*part.pieces, given), Subject.NETWORKS) is Status.TESTED


def test_only_coq_reaches_all_dimensions_and_only_the_scalar_lemmas_are_about_scalars():
    assert {piece.method for piece in declared().values() if piece.reach is Reach.ALL} == {Method.FORMAL}
    about = {id_ for id_, item in STATEMENTS.items() if item.subject is Subject.SCALARS}
    assert about == {"L1a", "L1b", "L1c"}


STEPS = [
    (one, piece.name) for one in CATALOGUE.steps for piece in one.pieces if one.extent in (Extent.WHOLE, Extent.PART)
]


@pytest.mark.parametrize(("argument", "name"), STEPS, ids=[f"{one.statement}-{name}" for one, name in STEPS])
def test_removing_one_step_lowers_the_status(argument, name, complete):
    """The argument alone, all that it uses established."""
    alone = [argument, *(one for one in ARGUMENTS if one.statement != argument.statement)]
    before = statuses(complete, ids=[argument.statement], arguments_=alone)[argument.statement]
    assert before is (Status.PROVED if argument.extent is Extent.WHOLE else Status.PROVED_BY_PARTS)
    without = {other: run for other, run in complete.items() if other != name}
    undecided = {**complete, name: runner(answers(name, Verdict.UNDECIDED, argument.statement))}
    for runners in (without, undecided):
        assert statuses(runners, ids=[argument.statement], arguments_=alone)[argument.statement] is Status.OPEN


@pytest.mark.parametrize("name", sorted({name for _, name in STEPS}))
def test_without_coq_every_missing_step_lowers_the_statements_that_declare_it(name, own, before):
    """In the ledger as it is: none of theory's own pieces is idle. T5 rests on T4b, which is open without Coq."""
    after = statuses({other: run for other, run in own.items() if other != name})
    declaring = {one.statement for one, piece in STEPS if piece == name} - {"T5"}
    assert all(STRENGTH.index(after[id_]) < STRENGTH.index(before[id_]) for id_ in declaring)
    assert all(STRENGTH.index(after[id_]) <= STRENGTH.index(before[id_]) for id_ in STATEMENTS)


def test_in_the_ledger_as_it_is_a_missing_step_leaves_what_instances_show(own):
    """Without Coq, L3 loses its sine and with it every argument: its sharpest witness is all that is left."""
    without = {name: run for name, run in own.items() if name != "perturb.sine"}
    assert statuses(own, ids=["T1"])["L3"] is Status.PROVED_BY_PARTS
    found = statuses(without, ids=["T1"])
    assert found["L3"] is found["T1"] is Status.TESTED


@pytest.mark.parametrize("one", CATALOGUE.formal, ids=lambda one: one.statement)
def test_removing_one_theorem_takes_what_coq_gave(one):
    alone = [one]
    good = {piece.name: runner(answers(piece.name, Verdict.PROVED, one.statement)) for piece in one.pieces}
    before = statuses(good, ids=[one.statement], arguments_=alone)[one.statement]
    assert before is (Status.PROVED if one.extent is Extent.WHOLE else Status.PROVED_BY_PARTS)
    for name in good:
        without = {other: run for other, run in good.items() if other != name}
        assert statuses(without, ids=[one.statement], arguments_=alone)[one.statement] is Status.OPEN


def test_a_refuted_piece_refutes_its_statement_and_carries_no_other(own):
    """L3's sine refuted: L3 is refuted whatever else holds, and T1, which uses it, keeps its instances only."""
    wrong = {**own, "perturb.sine": runner(answers("perturb.sine", Verdict.REFUTED))}
    found = statuses(wrong)
    assert found["L3"] is Status.REFUTED
    assert found["T1"] is Status.TESTED
    assert found["L7"] is Status.PROVED_BY_PARTS


def test_a_refuted_sample_refutes_what_coq_has_proved():
    """Both cannot be right; the ledger does not hide it."""
    piece = Evidence("check.L6", Method.SAMPLED, "drawn masses")
    found = audit(
        {
            "formal.selection.L6_selection": runner(answers("formal.selection.L6_selection", Verdict.PROVED)),
            "check.L6": runner(ProofResult("L6", "a claim", "drawn", Verdict.REFUTED)),
        },
        ["L6"],
        [*CATALOGUE.formal, Argument("L6", Extent.INSTANCES, (piece,), remains="the rest")],
    )
    assert found["L6"].status is Status.REFUTED


@pytest.mark.parametrize("verdict", [Verdict.UNDECIDED, Verdict.PROVED])
def test_samples_never_lift_above_tested(verdict):
    piece = Evidence("check.L6", Method.SAMPLED, "drawn masses")
    argument = Argument("L6", Extent.INSTANCES, (piece,), remains="the rest")
    found = audit({"check.L6": runner(ProofResult("L6", "a claim", "drawn", verdict))}, ["L6"], [argument])
    assert found["L6"].status is Status.TESTED


REALS = Reach.SCALARS
SMT = Evidence("transfer.parallel", Method.IDENTITY, "scalars", Reach.ALL)
USED = Evidence("check.L1a", Method.SAMPLED, "drawn")


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (Argument("L1a", Extent.INSTANCES, (USED,), remains="the rest"), Status.TESTED),
        (
            Argument("L1a", Extent.PART, (USED_PART := Evidence("relu.homogeneous", Method.SMT, "s", REALS),), (), "x"),
            Status.PROVED_BY_PARTS,
        ),
        (Argument("L1a", Extent.WHOLE, (USED_PART,)), Status.PROVED),
    ],
)
def test_a_whole_argument_is_no_better_than_what_it_uses(used, expected):
    """L4 covered whole by a prover that vouches for all dimensions, but resting on L1a."""
    whole = Argument("L4", Extent.WHOLE, (SMT,), ("L1a",))
    runners = {
        SMT.name: runner(ProofResult("L4", "a claim", "s", Verdict.PROVED, reach=Reach.ALL)),
        USED.name: runner(ProofResult("L1a", "a claim", "s", Verdict.UNDECIDED)),
        USED_PART.name: runner(ProofResult("L1a", "a claim", "s", Verdict.PROVED, reach=REALS)),
    }
    assert audit(runners, ["L4"], [whole, used])["L4"].status is expected
    assert audit(runners, ["L4"], [whole])["L4"].status is Status.OPEN
    assert audit(runners, ["L4"], [replace(whole, uses=())])["L4"].status is Status.PROVED


def test_only_formal_arguments_rest_on_nothing_of_the_ledger():
    """What a Coq theorem uses was compiled with it; every other proof leans on its dependencies."""
    for one in ARGUMENTS:
        if one.extent in (Extent.WHOLE, Extent.PART, Extent.STEP):
            formal = {piece.method for piece in one.pieces} == {Method.FORMAL}
            assert one.uses == (() if formal else STATEMENTS[one.statement].depends_on)


def test_an_answer_for_another_statement_or_by_another_method_or_of_less_reach_is_refused():
    prover = PROVERS["relu.homogeneous"]()
    assert audit({"relu.homogeneous": runner(prover)}, ["L1a"])["L1a"].status is Status.PROVED
    changes = ({"statement": "L7"}, {"method": Method.FORMAL}, {"reach": Reach.GIVEN}, {"reach": Reach.FORMULAS})
    for wrong in (replace(prover, **change) for change in changes):
        with pytest.raises(ValueError, match=r"relu.homogeneous"):
            audit({"relu.homogeneous": runner(wrong)}, ["L1a"])


def test_an_id_brings_what_it_depends_on():
    assert with_dependencies(["L4"]) == ("L1a", "L4")
    assert set(audit({}, ["C1"])) == set(with_dependencies(["C1"])) > {"C1", "T1", "L7"}
    with pytest.raises(KeyError):
        audit({}, ["L77"])


def theorems():
    """(file.theorem, ids) of the table of proofs_notes/formal/README.md."""
    text = (ROOT / "proofs_notes" / "formal" / "README.md").read_text()
    for ids, file, names in re.findall(r"^\| ([^|]+) \| `(\w+)\.v` \| ([^|]+) \|", text, re.M):
        for name in re.findall(r"`([\w']+)`", names):
            yield f"{file}.{name}", set(re.findall(r"[LTCREU]\d+\w?\+?|C2F|RM", ids))


def test_every_declared_theorem_is_one_of_the_compiled_ones_and_listed_for_its_statement():
    goldens = (ROOT / "proofs_notes" / "formal").glob("*/*.golden")
    compiled = {
        f"{path.stem}.{name}" for path in goldens for name in path.read_text().split("== axioms ==")[-1].split()
    }
    listed = {}
    for name, ids in theorems():
        listed.setdefault(name, set()).update(ids)
    for one in CATALOGUE.formal:
        for piece in one.pieces:
            theorem = piece.name.removeprefix(FORMAL_PREFIX)
            assert theorem in compiled
            own_id = {one.statement, one.statement.rstrip("abc") if one.statement.startswith("L1") else one.statement}
            if theorem not in ("regulariser.L10_readout",):  # L10's, and with it the convexity of S that L7 claims
                assert listed[theorem] & own_id, theorem


def test_statements_without_a_theorem_are_those_that_the_module_names():
    without = set(STATEMENTS) - {one.statement for one in CATALOGUE.formal}
    assert without == {"L5", "R2", "R3", "T4F", "T8c", "T10B", "T11", "T12"}


def test_the_table_for_the_notes_is_computed_from_an_audit(own):
    table = rows(audit(own))
    assert [row.id for row in table] == list(STATEMENTS)
    first = table[0]
    assert (first.code, first.note, first.status) == ("theory/statements/relu.py", "proofs_notes/relu.md", "proved")
    assert first.evidence == "formal, smt, sampled"
    assert all((ROOT / row.code).exists() and (not row.check or (ROOT / row.check).exists()) for row in table)
    assert [row.id for row in table if not row.check] == ["C3", "C4"]
    assert audit({}, ["R4"])["R4"].note == "proofs_notes/merging.md"


def test_every_order_of_the_routes_holds_now():
    assert all(orders.holds(one) for one in orders.ORDERS)
    broken = replace(orders.ORDERS[0], pieces=("nothing.there",))
    with pytest.raises(KeyError):
        orders.holds(broken)
