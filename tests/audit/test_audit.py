"""`skipscape audit`: statuses computed now, one line for unusable input, the same bytes for the same graph."""

import json
import re
import shutil
from fractions import Fraction
from io import StringIO
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from matplotlib.patches import ConnectionStyle

from numerics.audit import answer, formal, graph
from numerics.audit.graph import graph_picture
from numerics.audit.report import _magnitude, print_audit
from numerics.cli import common
from numerics.common import pulse
from numerics.common.speech import Speaker
from numerics.common.wrapping import COLUMNS
from numerics.errors import InputError
from support.command_line import joined, skipscape
from theory import ledger
from theory.catalogue import CATALOGUE, STATEMENTS
from theory.proof import ProofResult, Verdict

ROOT = Path(__file__).parents[2]
KEYS = {"id", "title", "kind", "source", "scope", "status", "evidence", "depends_on", "note"}


@pytest.fixture
def without_networks(monkeypatch):
    """Statuses of `theory` alone, in a moment."""
    monkeypatch.setattr(answer, "network_runners", dict)


@pytest.fixture(scope="module")
def whole():
    """One audit of everything that `theory` runs itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answer, "network_runners", dict)
        patch.setattr(pulse, "PERIOD", 1e9)  # how long it takes is no question here
        ran = skipscape("audit", "--json")
    assert (ran.status, ran.err) == (0, "")
    json.loads(ran.out, parse_constant=pytest.fail)  # strict, rates and constants included
    return ran.json


def test_every_id_is_listed_with_the_keys_of_the_contract(whole):
    assert [one["id"] for one in whole["statements"]] == list(STATEMENTS)
    assert all(set(one) >= KEYS for one in whole["statements"])
    assert whole["constants"]
    assert whole["rates"]


def test_rates_by_one_slot_stand_beside_the_routes(whole, without_networks, monkeypatch):
    """Each says what it supposes; all fall faster than the abstract's in our reading, at n = 1 and eta = 1/1000."""
    rows = whole["one_slot_rates"]
    assert {(one["where"], one["depth"], one["threshold_gap"]) for one in rows} >= {
        ("Lambda = 0, squared error or a smooth loss", "-2", "-1"),
        ("a live branch", "-1", "-1/2"),
        ("fixed d >= 1, Lambda = 0, l = 1", "-2 - 2/d", "-1 - 1/d"),
    }
    assert all(("bounded S" in one["under"]) == (one["by"] != ["T7F"]) for one in rows)
    weakest = max(Fraction(one["depth"]) for one in rows if "d" not in one["depth"])
    assert weakest == -1 < Fraction(1, 1000) - 1
    monkeypatch.setattr(common.out, "width", COLUMNS)  # pytest-xdist tells its workers another one
    shown = skipscape("audit", "T12").out
    assert "in our reading" in shown
    assert re.search(r"^a live branch, few data on its kinks +T12 +-2 +-1 ", shown, re.M)
    assert "one_slot_rates" in skipscape("audit", "L4", "--json").json
    assert skipscape("audit", "L4", "--json").json["one_slot_rates"] == []


def test_no_status_is_better_than_its_evidence(whole):
    """Recomputed from the JSON alone: `proved` needs a whole argument all of whose pieces are proved in this run."""
    for one in whole["statements"]:
        good = {"PROVED"}
        proved = {e["name"] for e in one["evidence"] if e["verdict"] in good}
        if one["status"] in ("proved", "proved-by-parts"):
            extent = {"proved": "whole statement", "proved-by-parts": "part"}[one["status"]]
            pieces = [e for e in one["evidence"] if e["extent"] == extent and e["gives"] == one["status"]]
            assert pieces
            assert {e["name"] for e in pieces} <= proved
            assert not {e["method"] for e in pieces} & {"sampled", "formal"}
        assert one["status"] != "refuted"


def test_coq_was_not_asked_for_and_gives_nothing(whole):
    pieces = [e for one in whole["statements"] for e in one["evidence"] if e["method"] == "formal"]
    assert len(pieces) == sum(len(one.pieces) for one in CATALOGUE.formal)
    assert {e["verdict"] for e in pieces} == {"not run"}
    assert whole["remarks"] == ["formal: not run here (skipscape audit --formal, or make formal)"]


def test_every_prover_of_theory_ran(whole):
    ran = {e["name"] for one in whole["statements"] for e in one["evidence"] if e["verdict"] == "PROVED"}
    ordering = {name for order in whole["orders"] for name in order["evidence"]}
    assert ran | ordering >= set(CATALOGUE.provers)


def test_networks_evidence_is_registered_as_declared():
    """`theory` declares by name, `numerics/checks` registers: the two lists are one."""
    declared = {piece.name for one in CATALOGUE.instances for piece in one.pieces}
    assert set(answer.network_runners()) == declared - set(CATALOGUE.runners)


def test_text_lists_every_id_and_its_status(whole):
    console = Speaker(file=StringIO(), width=200)
    print_audit(console, whole, details=False)
    shown = console.file.getvalue()
    assert all(re.search(rf"^{re.escape(id_)} .*(proved|tested|open)", shown, re.M) for id_ in STATEMENTS)
    assert "proved-by-parts " in shown
    assert re.search(r"^L3 .* proved-by-parts +- +3 +1 +1 +-$", shown, re.M)


def test_at_80_columns_no_word_is_broken_and_the_letters_are_explained(whole):
    console = Speaker(file=StringIO(), width=80)
    print_audit(console, whole, details=False)
    lines = console.file.getvalue().splitlines()
    at = next(k for k, line in enumerate(lines) if re.match(r"id +title", line))
    assert re.search(r"^id +title +source +status now +F +I +Z +B +E +s$", lines[at].rstrip())
    shown = " ".join(lines[at + 1 : lines.index("", at)]).split()
    for one in whole["statements"]:
        assert set(one["title"].split()) <= set(shown)
    assert "F formal, I identity, Z smt, B ball, E exact, s sampled" in joined(console.file.getvalue())


def test_networks_are_run_and_lift_to_tested_and_no_higher(whole):
    """T4b's core is on paper or in Coq: without both it is open, and tested once networks were drawn."""
    before = {one["id"]: one["status"] for one in whole["statements"]}
    open_ = {
        "T1P",
        "T4",
        "T4F",
        "T4b",
        "T4+",
        "T5",
        "T8c",
        "T11",
        "C2T",
        "C2F+",
    }  # T4F, T8c, T11: only single steps are proved by machine
    assert {id_ for id_, status in before.items() if status == "open"} == open_
    (one,) = skipscape("audit", "T4b", "--json").json["statements"]
    assert one["status"] == "tested"
    (sample,) = [e for e in one["evidence"] if e["method"] == "sampled"]
    assert (sample["name"], sample["verdict"]) == ("check.T4b", "UNDECIDED")
    assert "no counterexample" in sample["detail"]


def test_an_id_is_shown_in_full_and_L1_is_its_parts(without_networks):
    ran = skipscape("audit", "L1", "--json")
    assert [one["id"] for one in ran.json["statements"]] == ["L1a", "L1b", "L1c"]
    assert {one["status"] for one in ran.json["statements"]} == {"proved"}
    shown = skipscape("audit", "R4").joined
    for word in (
        "claim",
        "not covered",
        "crowding.pruned_share",
        "proofs_notes/merging.md",
        "status now: proved-by-parts",
    ):
        assert word in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["L77"], "'L77' is no statement"),
        (["--graph", "g.png"], "ends in .svg"),
        (["--claims", "nowhere.toml"], "is not a file"),
        (["--graph", "no/such/folder/g.svg"], "does not exist"),
    ],
)
def test_unusable_input_is_one_line_and_status_2(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = skipscape("audit", *arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert words in ran.err


@pytest.mark.parametrize(
    "content",
    [
        b"[[claim]\n",
        b"\xff\xfe",
        b"",
        b'[[claim]]\nname = "x"\nbound = "R9"\nconstant = "1"\n',
        b'[[claim]]\nname = "\\u001b[31mred"\nbound = "R4"\nconstant = "1"\n',
    ],
)
def test_an_unusable_file_of_claims_is_one_line_and_status_2(content, tmp_path):
    file = tmp_path / "claims.toml"
    file.write_bytes(content)
    ran = skipscape("audit", "L6", "--claims", file)
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert str(file) in ran.err
    assert file.read_bytes() == content


def test_claims_and_the_exit_status(tmp_path, without_networks):
    """The abstract's readings: two open, two implied. A refuted claim is status 1."""
    ran = skipscape("audit", "L6", "--claims", "abstract", "--json")
    assert ran.status == 0
    assert [one["answer"] for one in ran.json["claims"]] == ["open", "open", "implied by ours", "implied by ours"]
    assert ran.json["claims"][2]["by"] == dict.fromkeys(("C1", "R0", "R1"), "proved-by-parts")
    file = tmp_path / "claims.toml"
    file.write_text('[[claim]]\nname = "too good"\nbound = "R4"\nconstant = "0.99"\n')
    refuted = skipscape("audit", "L6", "--claims", file)
    assert refuted.status == 1
    assert "refuted by a witness: too good. cross-polytope" in refuted.joined


def test_a_refuted_statement_is_status_1_with_its_witness(monkeypatch):
    """A planted check that finds L6 false: everything that uses it is void."""
    found = ProofResult("L6", "a claim", "seed 0", Verdict.REFUTED, {"light": Fraction(1, 3)})
    monkeypatch.setattr(answer, "network_runners", lambda: {"check.L6": lambda: found})
    ran = skipscape("audit", "L6", "R4", "--json")
    assert ran.status == 1
    status = {one["id"]: one["status"] for one in ran.json["statements"]}
    assert status == {"L6": "refuted", "R4": "tested"}
    pieces = ran.json["statements"][0]["evidence"]
    assert [e["witness"] for e in pieces if "witness" in e] == [{"light": "1/3"}]
    assert "witness: light = 1/3" in skipscape("audit", "L6").joined


@pytest.mark.slow
def test_the_graph_is_the_same_bytes_and_not_overwritten(tmp_path, whole, without_networks):
    file = tmp_path / "a.svg"
    assert skipscape("audit", "L4", "--graph", file).status == 0
    again = skipscape("audit", "L4", "--graph", file)
    assert again.status == 2
    assert "--force" in again.err
    pictures = [graph_picture(whole["statements"]) for _ in range(2)]
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"<?xml")
    for id_, statement in STATEMENTS.items():
        assert f">{id_}<" in pictures[0].decode()
        assert f"<title>{id_}: {escape(statement.title)}; " in pictures[0].decode()


@pytest.mark.slow
def test_no_arrow_of_the_graph_runs_through_another_box(whole):
    """Straight arrows would run through some."""
    below = {one["id"]: one["depends_on"] for one in whole["statements"]}
    places = graph.places_of(below)
    drawn = [(id_, used) for id_ in below for used in graph.directly(id_, below)]
    assert any(graph.clearance(places, *arrow, 0.0) < 1 for arrow in drawn)
    assert all(graph.clearance(places, *arrow, graph.bend(places, *arrow)) > 1 for arrow in drawn)


def test_the_bend_is_matplotlibs():
    """`clearance` follows the curve that `arc3,rad` draws: to its own middle it has distance 0."""
    places = {"a": (0.0, 0.0), "b": (0.6, 0.9), "c": (0.0, 0.0)}
    scale = [graph.WIDTH / 1.12, graph.HEIGHT / 1.16]
    ends = [[x * s for x, s in zip(places[name], scale, strict=True)] for name in "ab"]
    path = ConnectionStyle("arc3", rad=0.3)(*ends, shrinkA=0, shrinkB=0)
    middle = path.vertices[0] / 4 + path.vertices[1] / 2 + path.vertices[2] / 4
    places["c"] = tuple(x / s for x, s in zip(middle, scale, strict=True))
    assert graph.clearance(places, "a", "b", 0.3) < 1e-9 < 1 < graph.clearance(places, "a", "b", -0.3)


def test_widths_are_shown_rounded_up():
    assert [_magnitude(value) for value in (14161, 10**9, 123400000001, 999999999999)] == [
        "14161",
        "1.00e9",
        "1.24e11",
        "1.00e12",
    ]


def test_coq_statements_are_read_from_the_golden_files():
    found = formal.coq_statements(ROOT / "proofs_notes" / "formal")
    assert found["selection.L6_selection"].startswith("forall (s : nat -> R) (M l : nat), (l <= M)%nat ->")
    assert {piece.name.removeprefix("formal.") for one in CATALOGUE.formal for piece in one.pieces} <= set(found)


def formal_folder(tmp_path, script):
    (tmp_path / "formal.py").write_text(script)
    (tmp_path / "base").mkdir()
    shutil.copy(ROOT / "proofs_notes" / "formal" / "base" / "selection.golden", tmp_path / "base")
    return tmp_path


DECLARED = {"formal.selection.L6_selection": "L6", "formal.selection.nothing": "L6"}


@pytest.mark.parametrize(
    ("script", "verdict"),
    [("print('all well')", Verdict.PROVED), ("import sys; sys.exit('not so')", Verdict.UNDECIDED)],
)
def test_a_theorem_counts_only_if_everything_compiled(script, verdict, tmp_path):
    run = formal.run_coq(formal_folder(tmp_path, script))
    runners = formal.formal_runners(DECLARED, run)
    assert set(runners) == {"formal.selection.L6_selection"}
    assert runners["formal.selection.L6_selection"]().verdict is verdict
    assert formal.missing(DECLARED, run) == ["formal.selection.nothing"]


def test_without_sources_or_without_coq_it_says_so(tmp_path):
    with pytest.raises(InputError, match="needs the Coq sources"):
        formal.run_coq(tmp_path)
    with pytest.raises(InputError, match="coqc is missing"):
        formal.run_coq(formal_folder(tmp_path, "import sys; print('coqc is missing', file=sys.stderr); sys.exit(2)"))


def test_the_statuses_in_the_notes_are_those_of_an_audit(whole):
    """`proofs_notes/status.json` against this audit, and one with every Coq theorem of the golden file as compiled.

    Without networks what is only tested is open here.
    """
    stored = json.loads((ROOT / "proofs_notes" / "status.json").read_text(encoding="utf-8"))
    assert list(stored) == list(STATEMENTS)
    untried = {"open": "tested"}
    now = {one["id"]: untried.get(one["status"], one["status"]) for one in whole["statements"]}
    assert {id_: known["without"] for id_, known in stored.items()} == now
    run = formal.CoqRun(True, "as in the golden files", formal.coq_statements(formal.SOURCES))
    declared = {piece.name: one.statement for one in CATALOGUE.formal for piece in one.pieces}
    entries = ledger.audit({**CATALOGUE.runners, **formal.formal_runners(declared, run)})
    assert {id_: known["with"] for id_, known in stored.items()} == {
        id_: untried.get(entry.status.value, entry.status.value) for id_, entry in entries.items()
    }
