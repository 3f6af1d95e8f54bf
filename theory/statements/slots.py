"""L9 [known]: weights behind a zero may move silently, and why one free slot matters."""

from collections.abc import Callable

import z3
from sympy import Eq

from theory.arguments import formal, part, sampled, smt
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove, relu
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import change

STATEMENTS = (
    Statement(
        id="L9",
        title="Silent moves and free slots",
        kind=Kind.IDENTITY,
        sources=(
            Provenance(
                Source.KNOWN,
                "permutation paths and free neurons (Simsek et al. 2021); the proof is written here",
            ),
        ),
        claim="If every route from a weight to the output passes, after it, a weight that stays 0, then that "
        "weight may take any value and f does not change. So w_j is free if V_j = 0 and A_{k,j} = 0 for all "
        "k, in PARALLEL also if V_j = 0 and U = 0, in RESIDUAL and STREAM also if V = 0. With one free "
        "slot, two two-layer networks that differ by a permutation of their neurons are joined by a path on "
        "which f is constant; without a free slot every path may have to raise the loss.",
        formulas=(Formula(Eq(change, 0)),),
        depends_on=("L4",),
        not_covered="Raising V_j again: in RESIDUAL and STREAM the rows U_{k,j} must be 0 before. Not every "
        "pair of networks without a free slot is separated.",
        note="The permutation path hands a neuron's outgoing weights over to a free copy of it (L4 with c = "
        "1) and so moves the free slot. Without a free slot: x = +1, -1, y = (1, -2), two neurons w = (1, "
        "-1), V = (1, -2), loss 0. Swapping them takes w_1 through 0, where the loss is at least 1/2 "
        "(`swap_crossing`, and the intermediate value theorem); 1/2 is enough.",
    ),
)


def zero_weight_hides() -> ProofResult:
    """L9: what a zero weight multiplies may change freely: V_j z is 0 for every z if V_j = 0.

    Used for V_j and each entry of A_{k,j} (z the feature of neuron j) and of U (z an output of the branch).
    """
    weight, before, after, rest = z3.Reals("V_j z z' rest")
    return prove(
        "L9",
        z3.And(weight * before == 0, rest + weight * after == rest + weight * before),
        assuming=(weight == 0,),
        scope="one term of one linear form, all reals; that f sees w_j through such terms only is the note's",
    )


def swap_crossing() -> ProofResult:
    """L9, no free slot: once w_1 = 0, one neuron is left for x = +1, -1, y = (1, -2): the loss is >= 1/2."""
    w, v = z3.Reals("w_2 V_2")
    at_plus, at_minus = v * relu(w) - 1, v * relu(-w) + 2
    return prove(
        "L9",
        (at_plus * at_plus + at_minus * at_minus) / 2 >= z3.Q(1, 2),
        scope="this one data set, the second neuron any reals",
    )


def exchange_crossing() -> ProofResult:
    """L9, no free slot: W = I_2, V = (1, -1), X = I_2, y = (1, -1). Once V_1 = 0 the outputs have the sign of V_2, so
    the loss is >= 1/2; and a path to the exchanged network takes V_1 from 1 to -1.
    """
    v, at_first, at_second = z3.Reals("V_2 z_1 z_2")
    return prove(
        "L9",
        ((v * at_first - 1) * (v * at_first - 1) + (v * at_second + 1) * (v * at_second + 1)) / 2 >= z3.Q(1, 2),
        assuming=(at_first >= 0, at_second >= 0),
        scope="this one data set, the second neuron's features any reals >= 0",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (zero_weight_hides, swap_crossing, exchange_crossing)

ARGUMENTS = (
    part(
        "L9",
        *smt(zero_weight_hides, swap_crossing, exchange_crossing),
        remains="that f sees a row through such terms only, the permutation path, the intermediate value theorem",
    ),
)

FORMAL = (
    formal(
        "L9",
        "slots.L9_silent L9_silent_residual L9_branch_off L9_silent_off L9_permutation",
        "valley.L9_barrier",
        "hidden_routes.L9_routes L9_silent_stream L9_no_readout",
        "twins.L9_twins L9_moved_unit",
    ),
)

INSTANCES = (sampled("L9"),)
