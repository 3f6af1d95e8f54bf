"""Every unusable argument is an InputError of one plain sentence that says what is wrong, and never another error."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import skipscape as sk
from support.by_hand import pair_by_hand

NAN, INFINITY = float("nan"), float("inf")


@dataclass
class Given:
    """What the lambdas below ask with."""

    a: Any
    b: Any
    data: Any
    one: Any = field(default_factory=lambda: sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]]}))

    def connect(self, **options):
        return sk.connect(self.a, self.b, self.data, **options)

    def certify(self, **options):
        return sk.certify([self.a, self.b], self.data, **options)

    def result(self):
        return self.connect()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of the pair's path."""
    place = tmp_path_factory.mktemp("certificate") / "p.cert"
    sk.connect(*pair_by_hand()).save(place)
    return place


@pytest.fixture
def given(pair, certificate, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(certificate, "p.cert")
    Path("folder").mkdir()
    Path("text.npz").write_text("no archive")
    np.savez("data.npz", X=[[1.0]], Y=[[1.0]])
    return Given(*pair)


def network(**changes):
    return sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]], **changes})


REFUSED = {
    "labels below 0": (lambda g: sk.Data([[1.0]], [-1]), "integers >= 0"),
    "X of one dimension": (lambda g: sk.Data([1.0], [0]), r"X has shape \(1,\)"),
    "X NaN": (lambda g: sk.Data([[NAN]], [0]), "NaN or infinite"),
    "Y infinite": (lambda g: sk.Data([[1.0]], [[INFINITY]]), "NaN or infinite"),
    "other lengths": (lambda g: sk.Data([[1.0]], [0, 1]), "X has 1 rows but Y has 2"),
    "ragged rows": (lambda g: sk.Data([[1.0], [1.0, 2.0]], [0, 1]), "X is no array of numbers"),
    "masked": (lambda g: sk.Data(np.ma.masked_array([[1.0]], [[True]]), [0]), "masked"),
    "texts": (lambda g: sk.Data([["a"]], [0]), "X has type <U1"),
    "None as X": (lambda g: sk.Data(None, [0]), "X has type object"),
    "no points": (lambda g: sk.Data(np.zeros((0, 1)), np.zeros((0, 1))), "every dimension must be at least 1"),
    "complex": (lambda g: sk.Data([[1j]], [0]), "X has type complex128"),
    "integers beyond floats": (lambda g: sk.Data([[2**53 + 1]], [0]), "beyond 2"),
    "more than 64 bits": (lambda g: sk.Data(np.longdouble([[1.0]]), [0]), "float64 or narrower"),
    "no such set": (lambda g: sk.Data.load("nope.npz"), "neither a file nor one of digits, diabetes"),
    "a folder as data": (lambda g: sk.Data.load("folder"), "folder is not a file"),
    "memory of a load": (lambda g: sk.Data.load("digits", memory=NAN), "memory nan is unusable"),
    "no such network": (lambda g: sk.load("nope.npz"), "nope.npz is not a file"),
    "None as a file": (lambda g: sk.load(None), "expected, not an object of type NoneType"),
    "no network": (lambda g: sk.load("text.npz"), "^text.npz is not a readable .npz"),
    "data as network": (lambda g: sk.load("data.npz"), "^data.npz: class is None"),
    "a certificate as network": (lambda g: sk.load("p.cert"), "^p.cert: "),
    "memory below 0": (lambda g: sk.load("data.npz", memory=-1), "memory -1 is unusable"),
    "no ending": (lambda g: sk.save(g.a, "net.bin"), "ends in .npz or .safetensors"),
    "no folder": (lambda g: sk.save(g.a, "no/net.npz"), "the folder no does not exist"),
    "saved is no network": (lambda g: sk.save(3, "net.npz"), "a network is expected, not an object of type int"),
    "unknown class": (lambda g: sk.Network.from_arrays("mlp", {}), "class is 'mlp': one of two-layer"),
    "class is a list": (lambda g: sk.Network.from_arrays([], {}), r"class is \[\]"),
    "arrays are a list": (lambda g: sk.Network.from_arrays("plain", [1]), "a mapping from their names"),
    "V is missing": (lambda g: sk.Network.from_arrays("two-layer", {"W": [[1.0]]}), "needs V, which is missing"),
    "one too many": (lambda g: network(Q=[[1.0]]), "Q has no place in a two-layer network"),
    "other widths": (lambda g: network(V=[[1.0, 2.0]]), "V has 2 columns|W has 1 rows"),
    "a weight is NaN": (lambda g: network(W=[[NAN]]), "W has NaN"),
    "ragged weights": (lambda g: network(W=[[1.0], [1.0, 2.0]]), "W is no array of numbers"),
    "bias is two": (
        lambda g: sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]]}, bias=2),
        "bias is '2'",
    ),
    "called with a row": (lambda g: g.a([1.0]), r"X has shape \(1,\)"),
    "called with two columns": (lambda g: g.a([[1.0, 2.0]]), "X has 2 columns, but the network 1 inputs"),
    "level NaN": (lambda g: g.connect(level=NAN), "level nan is unusable"),
    "level infinite": (lambda g: g.connect(level=INFINITY), "level inf is unusable"),
    "level below 0": (lambda g: g.connect(level=-0.5), "level -0.5 is unusable"),
    "level is a word": (lambda g: g.connect(level="low"), "level 'low' is unusable"),
    "level over 0": (lambda g: g.connect(level="1/0"), "level '1/0' is unusable"),
    "level is a list": (lambda g: g.connect(level=[1]), r"level \[1\] is unusable"),
    "level is True": (lambda g: g.connect(level=True), "level True is unusable"),
    "level is complex": (lambda g: g.connect(level=1j), "level 1j is unusable"),
    "level of check": (lambda g: sk.check("p.cert", g.data, level="x"), "level 'x' is unusable"),
    "level of certify": (lambda g: g.certify(level=NAN), "level nan is unusable"),
    "eta is a word": (lambda g: g.connect(eta="x"), "eta 'x' is unusable"),
    "eta above 1": (lambda g: g.connect(eta=2), "0 <= eta < 1"),
    "eta beside a reference": (lambda g: g.connect(eta="1/2", reference=g.one), "eta"),
    "unknown route": (lambda g: g.connect(route="x"), "route 'x' is unknown here"),
    "route is None": (lambda g: g.connect(route=None), "route None is unknown here"),
    "unknown loss": (lambda g: g.connect(loss="l2"), "loss 'l2' is unknown: choose one of absolute, "),
    "loss is None": (lambda g: g.connect(loss=None), "loss None is unusable"),
    "memory is a word": (lambda g: g.connect(memory="x"), "memory 'x' is unusable"),
    "no memory": (lambda g: g.connect(memory=0), "memory 0 is unusable"),
    "memory without end": (lambda g: g.connect(memory=INFINITY), "memory inf is unusable"),
    "effort below 0": (lambda g: g.connect(effort=-1), "effort -1 is unusable"),
    "no effort": (lambda g: g.connect(effort=0), "effort 0 is unusable"),
    "effort of check": (lambda g: sk.check("p.cert", g.data, effort=NAN), "effort nan is unusable"),
    "progress is a number": (lambda g: g.connect(progress=1), "progress is unusable"),
    "start is None": (lambda g: sk.connect(None, g.b, g.data), "start: a network, or the name of its file"),
    "end is an array": (lambda g: sk.connect(g.a, np.zeros(3), g.data), "end: .* not an object of type ndarray"),
    "start is no file": (lambda g: sk.connect("nope.npz", g.b, g.data), "nope.npz is not a file"),
    "data are a tuple": (lambda g: sk.connect(g.a, g.b, ([[1.0]], [[1.0]])), r"data: skipscape.Data\(X, y\)"),
    "data are None": (lambda g: sk.connect(g.a, g.b, None), "data: skipscape.Data"),
    "data of another width": (
        lambda g: sk.connect(g.a, g.b, sk.Data([[1.0, 2.0]], [[1.0]])),
        "1 inputs but the data 2 columns",
    ),
    "targets of another width": (
        lambda g: sk.connect(g.a, g.b, sk.Data([[1.0]], [[1.0, 2.0]])),
        "1 outputs but the data 2 columns",
    ),
    "networks of two shapes": (lambda g: sk.connect(g.a, g.one, g.data), "not of one shape"),
    "a reference as wide": (lambda g: g.connect(reference=g.a), "l < m is needed"),
    "depth against as wide a one": (lambda g: sk.depth(g.a, g.data, g.b), "l < m is needed"),
    "one corner": (lambda g: sk.certify([g.a], g.data), "at least two networks"),
    "no corners": (lambda g: sk.certify([], g.data), "at least two networks"),
    "corners are a network": (lambda g: sk.certify(g.a, g.data), "give a list of networks"),
    "corners are a name": (lambda g: sk.certify("ab", g.data), "give a list of networks"),
    "corners are a result": (lambda g: sk.certify(g.result(), g.data), "result.path"),
    "a corner is a number": (lambda g: sk.certify([g.a, 3, g.b], g.data), "corner: .* not an object of type int"),
    "unknown curve": (lambda g: g.certify(curve="spline"), "curve 'spline' is unknown: choose one of polygon, bezier"),
    "tolerance 0": (lambda g: g.certify(tolerance=0), "a relative gap"),
    "tolerance NaN": (lambda g: g.certify(tolerance=NAN), "tolerance nan is unusable"),
    "time above 1": (lambda g: g.result().path(2), r"outside \[0, 1\]"),
    "time below 0": (lambda g: g.result().path(-0.1), "t -0.1 is unusable"),
    "time NaN": (lambda g: g.result().path(NAN), "t nan is unusable"),
    "time is None": (lambda g: g.result().path(None), "t None is unusable"),
    "times are a list": (lambda g: g.result().path([0.5]), r"t \[0.5\] is unusable"),
    "no such certificate": (lambda g: sk.check("nope.cert", g.data), "nope.cert is not a file"),
    "certificate is a result": (lambda g: sk.check(g.result(), g.data), "the name of a certificate"),
    "check on missing data": (lambda g: sk.check("p.cert", "nope.npz"), "nope.npz is not a file"),
    "check of missing ends": (lambda g: sk.check("p.cert", g.data, "nope.npz"), "nope.npz is not a file"),
    "path of a check": (lambda g: sk.check("p.cert", g.data).path, "holds no path"),
    "plot of a check": (lambda g: sk.check("p.cert", g.data).plot(), "holds no path"),
    "save of a check": (lambda g: sk.check("p.cert", g.data).save("q.cert"), "a check's"),
    "save to None": (lambda g: g.result().save(None), "the name of a file"),
    "save of nothing": (lambda g: sk.depth(g.a, g.data, g.one).save("q.cert"), "q.cert: no certificate to write"),
    "unknown id": (lambda g: sk.audit(["Q9"]), "'Q9' is no statement"),
    "ids are a number": (lambda g: sk.audit(3), "ids is of type int"),
    "an id is a number": (lambda g: sk.audit([3]), "id 3 is unusable"),
    "nothing to verify": (lambda g: sk.verify("Q9"), "'Q9' is neither a statement nor a .py file"),
    "verify a number": (lambda g: sk.verify(3), "not an object of type int"),
    "no examples": (lambda g: sk.verify("L1b", examples=0), "examples 0 is unusable"),
    "half an example": (lambda g: sk.verify("L1b", examples=0.5), "examples 0.5 is unusable"),
    "seed is a word": (lambda g: sk.verify("L1b", seed="x"), "seed 'x' is unusable"),
    "no such lemma": (lambda g: sk.verify("nope.py"), "nope.py is not a file"),
    "unknown statement": (lambda g: sk.statements["Q9"], "'Q9' is no statement"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_unusable_input_is_one_plain_sentence(case, given, drafts, capfd):
    """An InputError, on one line, with what is wrong; nothing is printed, no file is left."""
    ask, words = REFUSED[case]
    before = sorted(Path.cwd().iterdir())
    with pytest.raises(sk.InputError) as caught:
        ask(given)
    sentence = str(caught.value)
    assert re.search(words, sentence), sentence
    assert len(sentence.splitlines()) == 1
    assert len(sentence) < 500
    assert isinstance(caught.value, ValueError)
    assert sorted(Path.cwd().iterdir()) == before
    assert list(drafts.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_name_that_is_none_is_an_attribute_error():
    """And no name of a module that lies behind."""
    for name in ("nosuch", "numerics", "_HOMES_"):
        with pytest.raises(AttributeError, match=f"'skipscape' has no attribute '{name}'"):
            getattr(sk, name)
    assert dir(sk) == sorted(sk.__all__)
