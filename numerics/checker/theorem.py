"""An exported theorem against the files that it is about: every literal, and the statement letter by letter.

Coq closes a theorem about the literals of a file; that these are the user's networks and data is what this program
says. It shares no line with what wrote the file.
"""

import os
import re
from dataclasses import dataclass

import numpy as np

from .arrays import Array, Weights, is_rational
from .claims import Document
from .effort import DEFAULT_EFFORT, Budget, Effort
from .ends import check_ends
from .errors import Refused
from .files import DEFAULT_BUDGET, read_bytes
from .inputs import Data, read_data
from .literals import Literal, Scanner, arrays, numbers
from .networks import read_network
from .reader import Certificate, parse_certificate
from .segments import corners, require_room
from .shown import shown
from .spaces import Space

FilePath = str | os.PathLike[str]

_HEAD = """From Coq Require Import Reals ZArith List Sint63.
From Skipscape.base Require Import paths.
From Skipscape.networks Require Import networks.
From Skipscape.certificates Require Import numbers evaluate samples check.
Import ListNotations.
Open Scope R_scope.

"""
_KINDS = {"silent": "Silent", "readout": "Readout", "hidden": "Senders"}
_CORNER = re.compile(
    r"Definition corner_(0|[1-9]\d*) : corner := Corner (\[[\d;]*\])%nat (V_\d+) (A_\d+) \[([\w; ]*)\] (U_\d+)\.\n",
    re.ASCII,
)
_DIGITS = re.compile(r"(\d{1,2}) (\d{1,2})\.\n", re.ASCII)


@dataclass(frozen=True)
class Agreement:
    """What was compared: entries of networks and data, and the statement."""

    entries: int
    corners: int
    statement: str
    ends_given: tuple[bool, bool]

    __repr__ = shown


def verify(
    theorem: FilePath,
    cert_path: FilePath,
    data: str,
    start: FilePath | None = None,
    end: FilePath | None = None,
    memory: int = DEFAULT_BUDGET,
) -> Agreement:
    """Compare `theorem` with the certificate, the data and the given networks.

    Raises Refused where anything differs, and Unusable for files that cannot be read.
    """
    text = read_bytes(theorem, memory, "a theorem")
    certificate = parse_certificate(read_bytes(cert_path, memory, "a certificate"), memory)
    dataset = read_data(data, memory)
    if dataset.digest != certificate.document.data.digest:
        raise Refused("the certificate is about other data: the digest differs")
    _require_theorem(certificate.document)
    require_room(certificate, Budget(memory, Effort(DEFAULT_EFFORT)))
    ends = [None if one is None else read_network(one, memory) for one in (start, end)]
    check_ends(certificate, *ends)
    try:
        scanner = Scanner(text.decode("ascii"))
    except UnicodeDecodeError:
        raise Refused("the text has letters that are not ASCII") from None
    counted, names = _compare(scanner, certificate, dataset)
    return Agreement(counted, names, _statement(certificate)[1], (start is not None, end is not None))


def _compare(scanner: Scanner, certificate: Certificate, data: Data) -> tuple[int, int]:
    """Everything in its order; entries and corners compared."""
    space = certificate.document.space
    scanner.expect(_HEAD)
    found = arrays(scanner)
    seen = data.seen_by_first_layer(space.bias)
    for name in ("X", "Y"):
        if name not in found:
            raise Refused(f"the array {name} is missing")
    counted = _same(found["X"], seen.x, "X") + _same(found["Y"], data.y, "Y")
    bank = [name for name in found if name.startswith("W_")]
    if bank != [f"W_{k}" for k in range(len(bank))]:
        raise Refused("the bank's arrays are not numbered from 0 on")
    compared: dict[tuple[str, bytes], bool] = {}
    count = 0
    for k, weights in enumerate(corners(certificate)):
        counted += _corner(scanner, k, weights, space, found, bank, compared)
        count += 1
    shapes = space.shapes
    width, outputs = shapes["W"][0], data.y.shape[1]
    branch = shapes["A"][0] if "A" in shapes else 0
    further = [shapes[f"B{d}"][0] for d in range(1, 100) if f"B{d}" in shapes]
    steps = "; ".join(
        f"({_KINDS[segment.kind]}, corner_{k + 1})" for k, segment in enumerate(certificate.document.segments)
    )
    points = f"{len(data.x)} {seen.x.shape[1]} {outputs}"
    deep = f"{branch} [{';'.join(map(str, further))}]%nat"
    scanner.expect(f"Definition rest : list (kind * corner) := [{steps}].\n")
    scanner.expect(f"Definition bank : list array := [{'; '.join(bank)}].\n")
    # How the features are cut into digits is the finder's choice: Coq checks that it loses nothing.
    scanner.expect(f"Definition lengths : sizes := Sizes {points} {width} {deep} ")
    scanner.take(_DIGITS, "size and number of the features' digits")
    function = "plain" if space.kind == "plain" else "parallel"
    scanner.expect(f"""
Definition the_data : data := data_of {points} X Y.
Definition corner_weights : corner -> param := network bank {width}.
Definition Loss (P : param) : R := squared the_data ({function} the_data {width} (biased_branch {deep}) P).
Definition A : param := corner_weights corner_0.
""")
    scanner.expect(_statement(certificate)[0])
    if scanner.at != len(scanner.text):
        scanner.refuse("the text goes on after the theorem")
    return counted, count


def _require_theorem(document: Document) -> None:
    """Raises Refused for a certificate of a kind of which there are no theorems."""
    if document.space.kind not in ("two-layer", "parallel", "plain") or document.loss.name != "squared":
        raise Refused(f"there are no theorems about {document.space.kind} networks under the {document.loss.name} loss")
    if document.question not in ("connect", "certify", "depth", "escape") or document.renamed is not None:
        raise Refused(f"there are no theorems that answer the question {document.question}, or with renamed units")
    if any(segment.kind not in _KINDS for segment in document.segments):
        raise Refused("there are no theorems about segments that are neither silent, readout nor hidden")


def _statement(certificate: Certificate) -> tuple[str, str]:
    """The end of the text, and the sentence alone."""
    document = certificate.document
    last = len(document.segments)
    check = "lengths X Y bank corner_0 rest"
    start, end, upper = document.start.loss.high, document.end.loss.high, document.maximum.upper
    if document.is_about_depth:
        climb, gain = upper - start, start - end
        below = climb.q * gain.q // climb.q.gcd(gain.q)
        words = [str((one * below).p) for one in (climb, gain)]
        sentence = (
            "Theorem depth :\n  (exists g, paths.path g /\\ g 0 = A /\\ Loss (g 1) + gain <= Loss A /\\\n"
            "    forall t, 0 <= t <= 1 -> Loss (g t) <= Loss A + climb) /\\\n  depth_at_most Loss A climb.\n"
        )
        return (
            f"""
Definition climb : R := {words[0]} / {below}.
Definition gain : R := {words[1]} / {below}.

Lemma checked : check_depth {check} {words[0]} {words[1]} {below} = true.
Proof. vm_cast_no_check (eq_refl true). Qed.

{sentence}Proof. exact (depth_sound {check} _ _ _ checked). Qed.

Print Assumptions depth.
""".removeprefix("\n"),
            sentence,
        )
    plain = document.space.kind == "plain"
    sound = f"check_sound_plain {check} _ _ checked eq_refl" if plain else f"check_sound {check} _ _ checked"
    sentence = (
        "Theorem path : exists g, paths.path g /\\ g 0 = A /\\ g 1 = B /\\ forall t, 0 <= t <= 1 -> Loss (g t) <= c.\n"
    )
    return (
        f"""Definition B : param := corner_weights corner_{last}.
Definition c : R := {upper.p} / {upper.q}.

Lemma checked : check {check} {upper.p} {upper.q} = true.
Proof. vm_cast_no_check (eq_refl true). Qed.

{sentence}Proof. exact ({sound}). Qed.

Print Assumptions path.
""",
        sentence,
    )


def _corner(
    scanner: Scanner,
    number: int,
    weights: Weights,
    space: Space,
    found: dict[str, Literal],
    bank: list[str],
    compared: dict[tuple[str, bytes], bool],
) -> int:
    """One corner's line: its rows are those of the bank, its arrays the weights of the certificate."""
    line = scanner.take(_CORNER, f"corner number {number}")
    if int(line[1]) != number:
        scanner.refuse(f"corner_{line[1]} stands where corner_{number} has to")
    if any(map(is_rational, weights.values())):
        raise Refused(f"corner {number} has weights that are no floats")
    chosen = numbers(line[2])
    W = weights["W"]
    if len(chosen) != len(W) or any(one >= len(bank) for one in chosen):
        raise Refused(f"corner {number} does not say which row of the bank each of its {len(W)} neurons has")
    counted = 0
    for j, one in enumerate(chosen):
        # A row of the bank that was found to be this row of floats need not be read again.
        key = f"{bank[one]} {j}", W[j].tobytes()
        if key not in compared:
            literal = found[bank[one]]
            if len(literal.rows) != len(W):
                raise Refused(f"{bank[one]} has {len(literal.rows)} rows, not {len(W)}")
            counted += _same_row(literal, j, W[j], f"{bank[one]}, which corner {number} has,")
            compared[key] = True
    for name, array in _with_biases(weights, space, [line[3], line[4], *line[5].split("; "), line[6]]):
        if name not in found:
            raise Refused(f"corner {number} names {name[:20]}, which is no array of the text")
        key = name, array.tobytes()
        if key not in compared:
            counted += _same(found[name], array, f"{name}, which corner {number} has,")
            compared[key] = True
    return counted


def _with_biases(weights: Weights, space: Space, names: list[str]) -> list[tuple[str, Array]]:
    """The arrays of a corner after W, biases as last columns, beside the names that the text gives them."""
    width = len(weights["W"])
    outputs = len(weights["U" if space.kind == "plain" else "V"])
    inner = [d for d in range(1, 100) if f"B{d}" in weights]
    empty = np.zeros((0, width + 1))
    arrays_of = [
        weights.get("V", np.zeros((0, width))),
        _beside(weights["A"], weights.get("a")) if "A" in weights else empty,
        *(_beside(weights[f"B{d}"], weights.get(f"b{d}")) for d in inner),
        _beside(weights.get("U", np.zeros((outputs, 0))), weights.get("c")),
    ]
    given = [name for name in names if name]
    places = ["V", "A", *(f"B{d}" for d in inner), "U"]
    if len(given) != len(arrays_of) or any(
        name.split("_")[0] != place for name, place in zip(given, places, strict=True)
    ):
        raise Refused(f"a corner names {', '.join(given)[:80]} where arrays {', '.join(places)} have to stand")
    return list(zip(given, arrays_of, strict=True))


def _beside(matrix: Array, bias: Array | None) -> Array:
    return np.hstack([matrix, (np.zeros(len(matrix)) if bias is None else bias)[:, None]])


def _same(literal: Literal, array: Array, name: str) -> int:
    """Entries compared. Raises Refused."""
    if len(literal.rows) != len(array):
        raise Refused(f"{name} has {len(literal.rows)} rows, and the files have {len(array)}")
    return sum(_same_row(literal, row, array[row], name) for row in range(len(array)))


def _same_row(literal: Literal, row: int, values: Array, name: str) -> int:
    """Every entry is the very number: a float is an integer over a power of two. Raises Refused."""
    if any(len(plane) != len(values) for plane in literal.rows[row]):
        raise Refused(f"{name} has in row {row} not the {len(values)} entries of the files")
    for place, value in enumerate(values.tolist()):
        top, bottom = value.as_integer_ratio()
        if literal.integer(row, place) * bottom != top << literal.point:
            raise Refused(f"{name} differs from the files in row {row}, entry {place}")
    return len(values)
