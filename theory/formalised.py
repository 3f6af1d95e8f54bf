"""Which Coq theorems of `proofs_notes/formal` stand behind a statement, and where their rendering is narrower.

All of them speak about finite weighted sets of points, about a two-layer network in the place of the infimum e(l),
without an output bias, and about angles between rows that are not 0: that is the ledger's setting. Whatever else a
theorem leaves out of a claim is in `remains`, and then it covers a part. Nothing is run here: a theorem counts only
once Coq has compiled it, together with all it uses.
"""

from theory.evidence import Argument, Evidence, Extent
from theory.proof import Method, Reach

SETTING = (
    "P is a finite weighted set of points, as every data set is; a concrete two-layer network stands for e(l); no "
    "output bias unless the claim names one; where an angle is spoken of, rows and centres are not 0"
)
"""What every status means by its claim. Other laws, and an output bias elsewhere, rest on the notes alone."""

PREFIX = "formal."


def name(theorem: str) -> str:
    """The evidence name of `file.theorem`."""
    return PREFIX + theorem


def _formal(statement: str, remains: str, *files: tuple[str, str]) -> Argument:
    pieces = tuple(
        Evidence(name(f"{file}.{theorem}"), Method.FORMAL, "all dimensions, in the setting", Reach.ALL)
        for file, theorems in files
        for theorem in theorems.split()
    )
    return Argument(statement, Extent.PART if remains else Extent.WHOLE, pieces, remains=remains)


FORMAL = (
    _formal("L1a", "", ("relu", "L1a_homogeneous")),
    _formal("L1b", "", ("relu", "L1b_lipschitz")),
    _formal("L1c", "", ("relu", "L1c_mirrored L1c_equality")),
    _formal("L2", "the arc-cosine kernel", ("moment", "L2_quadratic L2_moment L2_symmetric pair_law_symmetric")),
    _formal(
        "L3",
        "",
        ("perturb", "L3_perturb L3_residual L3_sine L3_deviation"),
        ("transfer", "L3_L4_fused fused_skip_affine"),
        ("stream", "L3_stream L3_stream_deviation"),
    ),
    _formal(
        "L4",
        "",
        ("transfer", "L4_transfer"),
        ("residual", "L4_residual L4_residual_silent"),
        ("stream", "L4_stream L4_stream_silent"),
    ),
    _formal("L6", "", ("selection", "L6_selection")),
    _formal(
        "L7",
        "an output bias c in the readout",
        ("readout", "L7_affine L7_residual L7_plain"),
        ("stream", "L7_stream"),
        ("losses", "L7_squared L7_mean_loss L7_convex_loss"),
        ("regulariser", "L10_readout"),
    ),
    _formal(
        "L8",
        "a G-Lipschitz loss enters with supporting affine functions of slope at most G; Huber, hinge and logistic loss "
        "look at output 0",
        ("losses", "L8_squared L8_regularised L8_mean_loss L8_absolute L8_huber L8_hinge L8_logistic L8_cross_entropy"),
    ),
    _formal(
        "L9",
        "STREAM; the permutation with the branch on; routes hidden by other weights than V, A and U",
        ("slots", "L9_silent L9_silent_residual L9_branch_off L9_silent_off L9_permutation"),
        ("valley", "L9_barrier"),
    ),
    _formal(
        "L10",
        "STREAM, and L3 in RESIDUAL",
        ("regulariser", "L10_merge L10_transfer L10_load L10_readout"),
        ("residual", "L10_rebase rebase_product"),
    ),
    _formal("T1", "", ("connectivity", "T1_connect")),
    _formal("C1", "", ("connectivity", "C1_depth")),
    _formal("C1+", "", ("optimal", "C1plus_depth local_minimum_optimal C1plus_local_minimum")),
    _formal("C2", "", ("connectivity", "C2_connected")),
    _formal(
        "C2F",
        "the level with R1's constant kappa_d (Coq has the same exponent with the constant of a grid)",
        ("regularised", "C2F_rate C2_regularised T1_regularised C2F_R1"),
        ("norms", "C2F_operator_norm"),
    ),
    _formal(
        "R0",
        "RESIDUAL and STREAM; the best constant output",
        ("zero", "R0_zero_path R0_depth"),
        ("losses", "L7_convex_loss"),
    ),
    _formal(
        "R1",
        "the constant: a grid in the place of caps gives 4 sqrt(d) (2(d+1) l/m)^(1/d), same exponent",
        ("crowding", "R1_grid R1_rate"),
    ),
    _formal("R4", "", ("prune", "R4_prune")),
    _formal("R5", "", ("rank", "R5_rank R5_basis")),
    _formal("R6", "", ("refit", "R6_refit R6_depth"), ("losses", "L7_convex_loss")),
    _formal(
        "R7", "RESIDUAL and STREAM, where rows are scaled instead", ("pairing", "R7_pairing R7_connect greedy_factors")
    ),
    _formal(
        "T2",
        "the routes other than R4 with m - p for m, C1 written out",
        ("residual_connectivity", "T2_connect T2_connected T2_from_merge"),
        ("readers", "T2_prune"),
    ),
    _formal(
        "T3",
        "the readers' rank where blocks read different numbers (Coq counts the largest for each)",
        ("stream", "eliminate_stream"),
        ("stream_connectivity", "T3_from_merge T3_connect T3_connected"),
        ("readers", "T3_prune"),
    ),
    _formal(
        "T4",
        "",
        ("raising", "T4_connected"),
        ("finite_sample", "T4_interpolation T4_zero_loss"),
    ),
    _formal("T4b", "", ("raising", "T4b_no_valley T4b_two_layer")),
    _formal("T4+", "", ("raising", "T4plus_connected T4_one_to_spare")),
    _formal(
        "T5",
        "C1 applied to the skip network, for widths below N",
        ("separation", "T5_crossing T5_lower T5_upper T5_separation T5_fit T5_every_width"),
        ("skip", "T5_same_network T5_skip T5_removed"),
    ),
    _formal("T6", "", ("bridge", "T6_bridge T6_half"), ("losses", "L7_convex_loss")),
)
"""After the table of `proofs_notes/formal/README.md`. No theorem: L5, R2, R3, RM, C3, C4."""
