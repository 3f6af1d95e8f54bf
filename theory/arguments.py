"""How each statement is established without Coq: which machine-checked steps, and what its note glues on paper.

Names are those of `catalogue.PROVERS`. A statement about scalars can be covered whole; scalar steps of a statement
about vectors, laws or paths are parts. `uses` is what the statement's proof depends on.
"""

from theory.catalogue import STATEMENTS
from theory.evidence import Argument, Evidence, Extent
from theory.proof import Method, Reach

SCALARS = "scalars, all reals"
COUNTS = "all integers"
FORMULAS = "all values of the symbols"


def smt(*names: str, over: str = SCALARS) -> tuple[Evidence, ...]:
    return tuple(Evidence(name, Method.SMT, over, Reach.SCALARS) for name in names)


def identity(*names: str, over: str = FORMULAS) -> tuple[Evidence, ...]:
    return tuple(Evidence(name, Method.IDENTITY, over, Reach.FORMULAS) for name in names)


def ball(*names: str, over: str, reach: Reach) -> tuple[Evidence, ...]:
    return tuple(Evidence(name, Method.BALL, over, reach) for name in names)


def whole(statement: str, *pieces: Evidence) -> Argument:
    return Argument(statement, Extent.WHOLE, pieces, STATEMENTS[statement].depends_on)


def part(statement: str, *pieces: Evidence, remains: str) -> Argument:
    return Argument(statement, Extent.PART, pieces, STATEMENTS[statement].depends_on, remains)


def step(statement: str, *pieces: Evidence, remains: str) -> Argument:
    return Argument(statement, Extent.STEP, pieces, STATEMENTS[statement].depends_on, remains)


INSTANCES_ONLY = "everything but these instances"


def instances(statement: str, *pieces: Evidence) -> Argument:
    return Argument(statement, Extent.INSTANCES, pieces, remains=INSTANCES_ONLY)


CHORD = (*identity("crowding.twice_the_radius"), *smt("crowding.moved_by_the_chord"))
"""A row within phi of its centre moves by at most 2 sin(phi/2): R1, R2 and R3 need it alike."""

STEPS = (
    whole("L1a", *smt("relu.homogeneous")),
    whole("L1b", *smt("relu.lipschitz")),
    whole("L1c", *smt("relu.mirrored", "relu.mirrored_equality")),
    part(
        "L2",
        *smt("moment.pointwise", "moment.mirrored_pair"),
        *identity("moment.kernel_integral", "moment.kernel_slope", "moment.symmetric_factor_attained"),
        remains="taking expectations; polar coordinates in the plane of a and b",
    ),
    part(
        "L3",
        *identity("perturb.completed_square", "perturb.sine", "perturb.one_segment"),
        *smt("perturb.pruning_is_best_behind"),
        remains="triangle inequality over J and outputs, the branch's Lipschitz share, L2 feature by feature",
    ),
    part(
        "L4",
        *identity("transfer.parallel", "transfer.stream_start", "transfer.stream_step", "transfer.stream_reader"),
        *identity("transfer.stream_product"),
        remains="columns and rows entry by entry, the induction over the blocks",
    ),
    part(
        "L5",
        *identity("sphere.measure_derivative", "sphere.kappa_ratio"),
        *smt("sphere.cosine_loses", "sphere.kappa_below_one"),
        *ball("sphere.kappa_starts", over="d = 1, 2", reach=Reach.START),
        remains="that a cap has the stated measure, disjoint caps of half the angle, the induction for kappa_d < 1",
    ),
    instances("L5", *ball("sphere.caps_of_a_radian", over="d = 1..100", reach=Reach.GIVEN)),
    part("L6", *smt("selection.lightest"), remains="that a level between the l lightest and the others exists"),
    part(
        "L7",
        *identity("readout.chord_gap"),
        *smt("readout.chord", "readout.chords_add", "readout.endpoint", "readout.squared_error_endpoint"),
        remains="f affine in the readout, the induction over samples and outputs, other convex losses, the mass",
    ),
    part(
        "L8",
        *smt("transferloss.roots_add", "transferloss.regularised_roots_add", "transferloss.absolute"),
        *smt("transferloss.huber_loss", "transferloss.hinge", "transferloss.cross_entropy"),
        *identity("transferloss.logistic_slope"),
        remains="Cauchy-Schwarz in L2(P), E ||g|| <= ||g||, bounded gradients to Lipschitz constants",
    ),
    part(
        "L9",
        *smt("slots.zero_weight_hides", "slots.swap_crossing", "slots.exchange_crossing"),
        remains="that f sees a row through such terms only, the permutation path, the intermediate value theorem",
    ),
    part(
        "L10",
        *smt("regulariser.shrinking_row", "regulariser.handing_over", "regulariser.readout_line"),
        remains="norms by the triangle inequality, summing over neurons",
    ),
    part("T1", *smt("connectivity.level_of_the_path"), remains="that the segments of L3, L4, L9, L7 join to one path"),
    part("C1", *smt("connectivity.depth_from_level"), remains="that some g* with l neurons has L(g*) < L(theta)"),
    part(
        "C1+",
        *smt("connectivity.orthogonal_change"),
        remains="that an optimal V makes the residual orthogonal to the features; the rest of the path, as T1's",
    ),
    part(
        "C2",
        *smt("connectivity.sublevel_from_level"),
        remains="joining two copies of g* (L9) and branches with other inner weights",
    ),
    part(
        "C2F",
        *smt("connectivity.mass_from_objective", "connectivity.level_of_the_objective"),
        *smt("connectivity.deviation_from_objective"),
        remains="that T1's path joins its segments with F for L, at both ends; R1's closed form at S = lambda/kappa",
    ),
    part(
        "R0",
        *smt("zero.depth_from_level"),
        *identity("zero.moments_add", "zero.best_constant"),
        remains="that the readout and silent segments form such a path in each class",
    ),
    part(
        "R1",
        *CHORD,
        *smt("crowding.crowded_cap", "crowding.average_cap"),
        remains="the greedy choice of centres; that the mean number of directions in a cap is m mu_d",
    ),
    part("R2", *CHORD, *smt("crowding.few_centres"), remains="the greedy choice of centres (L5)"),
    part(
        "R3",
        *CHORD,
        *smt("crowding.fewer_centres", "crowding.lightest_of_the_others", "merging_order.rounding_up_the_share"),
        *identity("merging_order.best_share", "merging_order.share_is_product", "merging_order.slope_of_centres"),
        remains="the greedy choice of centres (L5)",
    ),
    part("R4", *smt("crowding.pruned_share"), remains="that c_j = 0 is admissible and costs at most sigma s_j (L3)"),
    part("R5", *identity("rank.elimination"), remains="column bases, one neuron after another"),
    part("R6", *smt("refit.no_rise_when_refit_is_good"), remains="that the readout and silent segments form the path"),
    part(
        "R7",
        *identity("pairing.mass_stays", "pairing.balanced_choice", "pairing.pairs_add"),
        *smt("pairing.one_dies", "pairing.better_than_average", "pairing.light_neurons"),
        remains="L2(P) norms for scalars, the branch's share (the factor sqrt 2), the induction over the pairs",
    ),
    part(
        "RM",
        *identity("perturb.one_segment"),
        *smt("measured.branch_adds"),
        remains="that the quadratic forms are the squared norms in L2(P); D <= D(J), by L2 feature by feature",
    ),
    part("T2", *identity("residual.elimination"), remains="several columns at once, the path, the routes with m - p"),
    part("T3", *identity("stream.elimination"), remains="the order of the blocks, the path"),
    step(
        "T4", *smt("finite_sample.enough_for_the_rank", over=COUNTS), remains="that N features interpolate, the paths"
    ),
    step(
        "T4b",
        *smt("finite_sample.free_or_full", over=COUNTS),
        remains="that a free neuron can point downhill where the readout alone cannot",
    ),
    step(
        "T4+",
        *smt("finite_sample.exchange"),
        *smt("finite_sample.a_slot_stays_free", over=COUNTS),
        remains="that the rank of all features is reached at no cost, the exchange for vectors, the path",
    ),
    part(
        "T5",
        *smt("separation.no_better_above", "separation.crossing"),
        remains="the intermediate value theorem for u, fitting y_+ and y_-",
    ),
    part("T6", *smt("bridge.one_more_segment"), remains="that the chain of fits can be loaded as said"),
    part(
        "C3",
        *identity("rates.best_rates", over="routes R1-R4, all d >= 1 where eta < 1"),
        *identity("rates.rates_at_a_quarter", over="R7 in every d, R2 and R3 for d = 1, 2"),
        *smt("rates.balance", "rates.packing_lightest_beats_pigeonhole", "rates.pruning_beats_pigeonhole"),
        *smt("rates.pairing_beats_pruning", "rates.pairing_beats_packing_lightest"),
        remains="Maurey's argument, the limits that sympy takes",
    ),
    part(
        "C4",
        *smt("vacuity.depth_is_deviation"),
        *identity("vacuity.pigeonhole_width", "vacuity.packing_width", "vacuity.pruning_width"),
        *identity("vacuity.pairing_width"),
        remains="that each closed form falls with m",
    ),
)
"""One argument or more for every statement."""
