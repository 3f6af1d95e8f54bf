"""L4: the identities, known answer 5, and the PARALLEL move planted in RESIDUAL."""

from fractions import Fraction

import pytest

from support.oracles import interpolate, outputs
from theory.algebra import prove_identity
from theory.proof import Verdict
from theory.statements import residual, stream, transfer
from theory.symbols import U_i, U_j, V_i, V_j, c, q, t, z_i

F = Fraction


@pytest.mark.parametrize("module", [transfer, residual, stream], ids=lambda module: module.__name__)
def test_proved(module):
    assert all(proof().verdict is Verdict.PROVED for proof in module.PROOFS)


def test_the_parallel_move_in_residual_is_refuted():
    after = (V_i + t * c * V_j) * (z_i + U_i * q) + (1 - t) * V_j * (c * z_i + U_j * q)
    before = V_i * (z_i + U_i * q) + V_j * (c * z_i + U_j * q)
    result = prove_identity("L4", after, before, scope="a planted error")
    assert result.verdict is Verdict.REFUTED


def test_keeping_the_row_of_U_is_refuted():
    after = V_i * z_i + (V_i + t * c * V_j) * U_i + V_j * U_j
    result = prove_identity("L4", after, V_i * z_i + V_i * U_i + V_j * U_j, scope="a planted error")
    assert result.verdict is Verdict.REFUTED


START = {"W": [[1], [2]], "V": [[1, 1]], "A": [[1, 1]], "U": [[1], [5]]}


def value(network):
    return outputs(network, "residual", 0, [[1]])[0][0]


def test_known_answer_5():
    """c = 2: along the move f stays 21; halfway and at the end the weights are the blueprint's."""
    end = {"W": [[1], [0]], "V": [[3, 1]], "A": [[3, 1]], "U": [[1], [3]]}
    assert interpolate(START, end, F(1, 2)) == {"W": [[1], [1]], "V": [[2, 1]], "A": [[2, 1]], "U": [[1], [4]]}
    assert {value(interpolate(START, end, F(k, 7))) for k in range(8)} == {F(21)}


def test_known_answer_5_the_parallel_move_gives_12():
    assert value(START | {"V": [[3, 0]], "A": [[3, 0]]}) == 12


@pytest.mark.parametrize(("width", "readers", "neurons", "left"), [(10, 2, 7, 8), (100, 10, 5, 90)])
def test_routes_use_the_width_without_the_readers(width, readers, neurons, left):
    assert residual.effective_width(width=width, readers=readers, neurons=neurons) == left


def test_a_width_that_leaves_too_little_is_refused():
    with pytest.raises(ValueError, match="T2 needs l < m - 3"):
        residual.effective_width(width=10, readers=3, neurons=7)
    with pytest.raises(ValueError, match="T3 needs l < m - 6"):
        stream.stream_width(width=10, outputs=2, later_rows=[4], neurons=4)
    assert stream.stream_width(width=10, outputs=2, later_rows=[], neurons=4) == 8
    with pytest.raises(ValueError, match="p >= 1"):
        stream.reader_rank(outputs=0, later_rows=[])
