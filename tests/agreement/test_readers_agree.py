"""Both programs read a file alike: the same class, bias and arrays bit for bit, or both refuse.

The readers share no line. The files are drawn byte by byte (`strange_files`): what other programs write, what is nearly
that, and what somebody would write in order to be read in two ways. Files that once divided the programs stay below.
"""

from __future__ import annotations

import io
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checker.archive import unpack
from numerics.checker.errors import Refused, Unusable
from numerics.checker.networks import read_network as checkers_network
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.maxima.corners import corner_maximum
from numerics.networks.files import read_network as finders_network
from numerics.networks.two_layer import TwoLayer
from numerics.paths import polygon
from numerics.paths.certificate import certificate_bytes, read_exact_path
from support.both_readers import require_agreement_on_data, require_agreement_on_network, written
from support.certificates import seal
from support.strange_archives import mutated
from support.strange_files import File, npz_data, npz_networks, safetensors_networks
from support.written_files import Entry, npy, zipped
from support.written_files import safetensors as tensors

MANY = 5 * settings.default.max_examples  # of a profile's examples: a file is read in a millisecond


@given(npz_networks())
@settings(max_examples=MANY)
def test_networks_in_npz_are_read_alike(file: File) -> None:
    """And as numpy reads them, where it does."""
    found = require_agreement_on_network(file)
    if found != "refused" and (theirs := numpys(file.content)) is not None:
        assert {name: (shape, bits) for name, shape, bits in found[2]} == {
            name: value for name, value in theirs.items() if name not in ("class", "bias")
        }


@given(npz_data())
@settings(max_examples=MANY)
def test_data_in_npz_are_read_alike(file: File) -> None:
    """And as numpy reads them, where it does."""
    found = require_agreement_on_data(file)
    if found != "refused" and (theirs := numpys(file.content, ("X", "Y"))) is not None:
        assert found[0] == theirs["X"]
        assert "Y" not in theirs or found[1] == theirs["Y"]


@given(safetensors_networks())
@settings(max_examples=MANY)
def test_networks_in_safetensors_are_read_alike(file: File) -> None:
    """And whatever is read, the library reads as the same bytes under the same names."""
    found = require_agreement_on_network(file)
    if found != "refused":
        theirs = dict(safetensors.deserialize(file.content))
        assert [(name, list(shape)) for name, shape, _ in found[2]] == [
            (name, theirs[name]["shape"]) for name in sorted(theirs)
        ]
        for name, _, bits in found[2]:
            assert floats(theirs[name]["dtype"], bytes(theirs[name]["data"])) == bits


def floats(kind: str, content: bytes) -> bytes:
    """The float64 bytes of the numbers that the library gives."""
    if kind == "BF16":
        return b"".join(
            np.frombuffer(b"\0\0" + content[k : k + 2], "<f4").astype("<f8").tobytes()
            for k in range(0, len(content), 2)
        )
    return np.frombuffer(content, {"F16": "<f2", "F32": "<f4", "F64": "<f8"}[kind]).astype("<f8").tobytes()


def numpys(content: bytes, only: tuple[str, ...] | None = None) -> dict[str, tuple[tuple[int, ...], bytes]] | None:
    """Name -> shape and float64 bytes as `numpy.load` gives them; None where it does not."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: np.asarray(stored[name]) for name in stored.files if only is None or name in only}
    except Exception:  # numpy and zipfile raise almost anything
        return None
    return {
        name: (array.shape, array.astype("<f8").tobytes())
        for name, array in arrays.items()
        if array.dtype.kind in "iufb"
    }


# One reading by content

ONE = {"class": np.array("two-layer"), "bias": np.array(0), "W": np.ones((1, 1)), "V": np.ones((1, 1))}
FLOATS = {name: array for name, array in ONE.items() if name not in ("class", "bias")}
NPZ = zipped([Entry(f"{name}.npy".encode(), npy(array)) for name, array in ONE.items()])
TENSORS = tensors({name: ("F64", array) for name, array in FLOATS.items()}, {"class": "two-layer", "bias": "0"})
DATA = {"X": np.array([[1.0], [-0.0]]), "Y": np.array([[5e-324], [2.0]])}


def data_file(*more: Entry, **frame: Any) -> File:
    """An honest data set, and what is added to it."""
    return File(
        zipped([*(Entry(f"{name}.npy".encode(), npy(array)) for name, array in DATA.items()), *more], **frame), ".npz"
    )


@pytest.mark.parametrize("ending", [".npz", ".NPZ", "", ".bin", ".Npz"])
def test_an_npz_is_read_under_every_name_that_does_not_contradict(ending: str) -> None:
    assert require_agreement_on_network(File(NPZ, ending)) != "refused"


@pytest.mark.parametrize("ending", [".safetensors", ".SAFETENSORS", "", ".bin", ".npz.safetensors"])
def test_a_safetensors_file_is_read_under_every_name_that_does_not_contradict(ending: str) -> None:
    assert require_agreement_on_network(File(TENSORS, ending)) != "refused"


@pytest.mark.parametrize(
    ("content", "ending"),
    [(NPZ, ".safetensors"), (NPZ, ".SafeTensors"), (TENSORS, ".npz"), (TENSORS, ".safetensors.NPZ")],
)
def test_a_name_that_contradicts_the_content_is_refused(content: bytes, ending: str) -> None:
    assert require_agreement_on_network(File(content, ending)) == "refused"


@pytest.mark.parametrize("ending", [".SAFETENSORS", ".safetensors", ""])
def test_a_file_that_begins_as_one_format_and_ends_as_the_other_has_one_reading(ending: str) -> None:
    """A safetensors file whose last array is a whole zip archive: once two networks, one for each program."""
    inner = NPZ + b"\0" * (-len(NPZ) % 8)
    inside = np.frombuffer(inner, "<f8").reshape(-1, 1)
    outer = {"V": ("F64", np.ones((1, len(inside)))), "W": ("F64", inside)}
    found = require_agreement_on_network(File(tensors(outer, {"class": "two-layer", "bias": "0"}), ending))
    assert found != "refused"
    assert found[2][1][1] == inside.shape


def test_a_bfloat16_is_the_float32_of_its_upper_half() -> None:
    """Every one of the 65,536, the 512 that are not finite refused."""
    bits = np.arange(1 << 16, dtype="<u2")
    wide = (bits.astype("<u4") << 16).view("<f4")
    finite = np.isfinite(wide)
    for chosen in (bits[finite].reshape(1, -1), bits[~finite][:1].reshape(1, 1)):
        arrays = {"W": ("F64", np.ones((chosen.shape[1], 1))), "V": ("BF16", chosen)}
        found = require_agreement_on_network(File(tensors(arrays, {"class": "two-layer", "bias": "0"}), ".safetensors"))
        if chosen.shape[1] == 1:
            assert found == "refused"
        else:
            assert found[2][0] == ("V", chosen.shape, wide[finite].astype("<f8").tobytes())
    assert (~finite).sum() == 256


@pytest.mark.parametrize(
    ("kind", "bits"),
    [
        ("F16", np.array([[0x7D00]], "<u2")),
        ("BF16", np.array([[0x7FA0]], "<u2")),
        ("F32", np.array([[0x7FA00000]], "<u4")),
        ("F64", np.array([[0x7FF4 << 48]], "<u8")),
    ],
)
def test_a_signalling_nan_is_refused_without_a_warning(kind: str, bits: Any) -> None:
    """Found by the drawn files: to convert one warns. Its twin, the quiet NaN, is refused too; a finite one is read."""
    for quiet in (0, 1 << (5 if kind == "BF16" else {2: 9, 4: 22, 8: 51}[bits.itemsize])):
        arrays = {"W": (kind, bits | quiet), "V": ("F64", np.ones((1, 1)))}
        assert require_agreement_on_network(File(tensors(arrays, {"class": "two-layer", "bias": "0"}), "")) == "refused"
        if kind != "BF16":
            X = (bits | quiet).view(f"<f{bits.itemsize}")
            members = [Entry(b"X.npy", npy(X)), Entry(b"Y.npy", npy(np.ones((1, 1))))]
            assert require_agreement_on_data(File(zipped(members), ".npz")) == "refused"
    arrays = {"W": (kind, (bits >> 1) ^ bits >> 2), "V": ("F64", np.ones((1, 1)))}
    assert require_agreement_on_network(File(tensors(arrays, {"class": "two-layer", "bias": "0"}), "")) != "refused"


@pytest.mark.parametrize("kind", ["F8_E4M3", "F8_E5M2", "I64", "BOOL", "F4"])
def test_other_types_of_tensors_are_refused_by_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    path.write_bytes(tensors({"W": (kind, np.ones((1, 1), "u1"))}, {"class": "two-layer", "bias": "0"}))
    with pytest.raises(Unusable, match=kind):
        checkers_network(path, 1 << 30)
    with pytest.raises(InputError, match=f"{kind}|int64|bool|it has|offsets"):
        finders_network(path)


NOTHING = npy(np.array([None], dtype=object))


@pytest.mark.parametrize(
    "file",
    [
        data_file(),
        data_file(zip64=True),
        data_file(gap=b"\0"),
        data_file(Entry(b"folder/", b"")),
        data_file(Entry(b"x.npy", b"no array"), Entry(b"Y.NPY", b"")),
        data_file(Entry(b"/etc/X.npy", NOTHING), Entry(b"../X.npy", NOTHING), Entry(b"X.npy\0.txt", NOTHING)),
        data_file(Entry(b"\xff\xfe.npy", NOTHING, method=14, flags=1)),
        data_file(Entry(b"Z.npy", NOTHING), Entry(b"Z.npy", b"twice")),
    ],
)
def test_entries_that_no_data_set_has_are_not_looked_at(file: File) -> None:
    found = require_agreement_on_data(file)
    assert found == tuple((array.shape, array.tobytes()) for array in DATA.values())


@pytest.mark.parametrize(
    "file",
    [
        data_file(Entry(b"X", npy(DATA["X"]))),
        data_file(Entry(b"X.npy", npy(DATA["X"]))),
        data_file(before=b"\0"),
        data_file(before=b"#!/bin/sh\n", shift=-10),
        data_file(before=b"PK\3\4", shift=-4),
        data_file(comment=b"a note"),
        data_file(after=b"\n"),
        data_file(zip64=True, shift=1),
        data_file(end={"count": 1, "here": 1}),
        data_file(Entry(b"Z.npy", b""), end={"count": 2, "here": 2}),
        data_file(Entry(b"Z.npy", b""), end={"count": 4, "here": 4}),
        data_file(Entry(b"labels.npy", npy(np.array([0, 1])))),
    ],
)
def test_archives_with_two_readings_or_something_around_them_are_refused(file: File) -> None:
    assert require_agreement_on_data(file) == "refused"


STRANGE: tuple[dict[str, Any], ...] = (
    {"method": 12}, {"method": 14}, {"method": 9}, {"flags": 1}, {"flags": 0x2000}, {"central": {"crc": 1}},
    {"central": {"size": 3}}, {"central": {"size": 0xFFFFFFFF}}, {"local": {"name": b"Y.npy"}},
    {"local": {"method": 12}},
    {"method": 8, "packed": b"\3\0"}, {"method": 8, "central": {"size": 1 << 20}}, {"central": {"disk": 1}},
    {"extra": b"\1\0\0"},
)  # fmt: skip


@pytest.mark.parametrize("strange", STRANGE, ids=str)
@pytest.mark.parametrize(
    "alike", [{"method": 8}, {"descriptor": True}, {"zip64_local": True}, {"zip64_central": True}], ids=str
)
def test_members_packed_as_few_programs_do(strange: dict[str, Any], alike: dict[str, Any]) -> None:
    """bzip2, lzma, deflate64, encryption, records that contradict each other: refused beside its twin that is read."""
    for changes, wanted in ((alike, True), ({**alike, **strange}, False)):
        entries = [Entry(b"X.npy", npy(DATA["X"]), **changes), Entry(b"Y.npy", npy(DATA["Y"]))]
        assert (require_agreement_on_data(File(zipped(entries), ".npz")) != "refused") == wanted


# Certificates: the finder's reader is for use, not for belief, and no more tolerant than the checker's


def honest_certificate() -> bytes:
    """A path of two segments between two-layer networks."""
    networks = [TwoLayer(W=np.ones((2, 1)), V=np.full((1, 2), k / 4)) for k in range(3)]
    path, data = polygon(networks), Data(np.ones((2, 1)), np.zeros((2, 1)))
    maximum = corner_maximum(path, Problem(data))
    return certificate_bytes(path, maximum, Fraction(maximum.attained), data, question="connect", route="")


CERTIFICATE = honest_certificate()


@st.composite
def certificates(draw: st.DrawFn) -> bytes:
    """The certificate with bytes changed, or its entries archived in another way; sealed again."""
    if draw(st.booleans()):
        return seal(draw(mutated(CERTIFICATE[:-64])) + bytes(64))
    with zipfile.ZipFile(io.BytesIO(CERTIFICATE)) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    twist = draw(st.sampled_from(("none", "order", "rename", "stray", "deflate", "date", "system", "extra", "flags")))
    k = draw(st.integers(0, len(entries) - 1))
    if twist == "order":
        entries = draw(st.permutations(entries))
    if twist == "rename":
        entries[k] = (
            draw(st.sampled_from(("start.W", "start.b1.npy", "segment.12.V.npy", "x.npy", "start.W.npy.npy"))),
            entries[k][1],
        )
    if twist == "stray":
        entries.append(
            (
                draw(st.sampled_from(("start.c.npy", "segment.0001.U.npy", "zzz", "start.B100.npy", "start.w.npy"))),
                entries[k][1],
            )
        )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for position, (name, content) in enumerate(entries):
            info = zipfile.ZipInfo(name, (1980, 1, 2 if (twist, position) == ("date", k) else 1, 0, 0, 0))
            info.create_system, info.external_attr = 0 if twist == "system" else 3, 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED if (twist, position) == ("deflate", k) else zipfile.ZIP_STORED
            info.extra = b"UT\0\0" if twist == "extra" else b""
            info.comment = b"note" if twist == "flags" else b""
            archive.writestr(info, content)
        archive.comment = b"0" * 64
    return seal(stream.getvalue())


@given(certificates())
@settings(max_examples=MANY // 2)
def test_a_path_is_taken_from_no_archive_that_the_checker_refuses(content: bytes) -> None:
    with written(File(content, ".cert")) as path:
        try:
            read_exact_path(path)
        except InputError:
            return
    unpack(content)


@pytest.mark.parametrize("moved", [0, 1])
def test_the_honest_certificate_is_read_and_one_with_a_later_date_by_neither(moved: int, tmp_path: Path) -> None:
    """The archive of one form: its twin differs by a day in one entry."""
    content = CERTIFICATE if not moved else seal(CERTIFICATE.replace(b"\x21\0", b"\x22\0", 1))
    (tmp_path / "path.cert").write_bytes(content)
    if moved:
        with pytest.raises(Refused):
            unpack(content)
        with pytest.raises(InputError):
            read_exact_path(tmp_path / "path.cert")
    else:
        assert len(unpack(content)) >= 3
        assert len(read_exact_path(tmp_path / "path.cert").segments) == 2
