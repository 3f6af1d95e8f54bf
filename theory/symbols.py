"""Every sympy symbol of `theory`, once, with its assumptions.

Letters are the blueprint's; `l_` and `lambda_` only because Python or its linters keep the plain names.
Relations between symbols (`l < m`, `t <= 1`, `L_ref < L`) are no assumptions of a symbol: whoever uses one
states it.
"""

from sympy import Symbol

# Sizes.
m = Symbol("m", integer=True, positive=True)
"""Width of the skip layer."""
l_ = Symbol("l", integer=True, positive=True)
"""Neurons of the two-layer reference."""
n = Symbol("n", integer=True, positive=True)
"""Input dimension."""
d = Symbol("d", integer=True, nonnegative=True)
"""Dimension of the sphere of the first layer's directions: n with a bias, n - 1 without."""
N = Symbol("N", integer=True, positive=True)
"""Number of data points."""

# Magnitudes.
sigma = Symbol("sigma", nonnegative=True)
"""sigma^2 is the largest eigenvalue of E[X X^T], X what the first layer sees."""
S = Symbol("S", nonnegative=True)
"""Mass, sum of the s_j."""
kappa = Symbol("kappa", nonnegative=True)
"""Weight of the mass in the objective (not the kappa_d of L5)."""
D = Symbol("D", nonnegative=True)
"""Deviation D(J) of L3 (not the length of what the first layer multiplies)."""
eta = Symbol("eta", real=True)
"""Exponent in l = m^eta, eta < 1."""
t = Symbol("t", real=True)
"""Time on a segment, in [0, 1] unless a statement says otherwise."""

# Losses; every loss of the blueprint is >= 0.
L = Symbol("L", nonnegative=True)
"""Loss of the parameter in question."""
L_0 = Symbol("L_0", nonnegative=True)
"""Loss of the zero output; with an output bias, of the best constant output."""
L_ref = Symbol("L_ref", nonnegative=True)
"""Loss of the two-layer reference g*."""
delta = Symbol("delta", nonnegative=True)
"""Loss of a two-layer refit on present features (R6)."""
lambda_ = Symbol("lambda", nonnegative=True)
"""Level of a sub-level set."""

# Square roots of losses, for proofs in which a root would be in the way.
r = Symbol("r", nonnegative=True)
"""sqrt(L)."""
r_ref = Symbol("r_ref", nonnegative=True)
"""sqrt(L_ref)."""
r_level = Symbol("r_level", nonnegative=True)
"""sqrt(lambda)."""

# Moments of the targets, one output unless said otherwise.
Q = Symbol("Q", nonnegative=True)
"""Sum of y^2 over the points."""
s = Symbol("s", real=True)
"""Sum of y over the points."""
y = Symbol("y", real=True)
"""One target."""
c = Symbol("c", real=True)
"""A constant output."""

# Two residuals f - y, at the two ends of a segment.
a = Symbol("a", real=True)
b = Symbol("b", real=True)

# Deviations: where a neuron goes, and what that costs.
p = Symbol("p", real=True)
"""An inner product, of two weight vectors or of a residual and a change of the output."""
Lambda = Symbol("Lambda", nonnegative=True)
"""How strongly the branch passes its input on: ||U|| Lip(q) in PARALLEL."""
G = Symbol("G", nonnegative=True)
"""Lipschitz constant of a loss in the output."""
eps = Symbol("eps", nonnegative=True)
"""A wanted depth."""
nu = Symbol("nu", positive=True)
"""Share of the neurons that serve as centres (R3), below 1."""
k = Symbol("k", integer=True, nonnegative=True)
"""Number of centres (R3); of the lightest neurons that move together (T12)."""
M = Symbol("M", integer=True, positive=True)
"""Number of candidates (L6)."""
h = Symbol("h", positive=True)
"""eta = 1/(1 + h) runs through all 0 < eta < 1 as h runs through h > 0."""
s_i = Symbol("s_i", positive=True)
"""Mass of neuron i."""
s_j = Symbol("s_j", positive=True)
"""Mass of neuron j."""
theta = Symbol("theta", real=True)
"""An angle (not the parameter of a network)."""
rho = Symbol("rho", positive=True)
"""Angular radius of a cap."""
A_i = Symbol("A_i", real=True)
A_j = Symbol("A_j", real=True)
U_i = Symbol("U_i", real=True)
U_j = Symbol("U_j", real=True)
V_i = Symbol("V_i", real=True)
V_j = Symbol("V_j", real=True)
"""Entries of the columns A_i, V_i and rows U_i of neurons i and j."""
z_i = Symbol("z_i", real=True)
z_j = Symbol("z_j", real=True)
"""Features of neurons i and j at one point."""
q = Symbol("q", real=True)
"""An output of the branch at one point."""
w_i = Symbol("w_i", nonnegative=True)
w_j = Symbol("w_j", nonnegative=True)
"""Norms of the rows of neurons i and j."""
S_inf = Symbol("S_inf", nonnegative=True)
"""Mass that suffices for e(inf), the limit of e(l)."""

# What the conclusions of statements are about.
gap = Symbol("gap", nonnegative=True)
"""||a - b||, the distance of two rows."""
change = Symbol("change", nonnegative=True)
"""||f_t - f_0|| or ||g||, the L2(P) norm of a change of f."""
L_t = Symbol("L_t", nonnegative=True)
"""The loss (under kappa > 0: the objective F) at any time of a path, or after a change."""
depth = Symbol("depth", nonnegative=True)
"""Depth of the parameter in question."""
light = Symbol("light", nonnegative=True)
"""Mass of the l lightest candidates."""
S_t = Symbol("S_t", nonnegative=True)
"""Mass at any time of a move."""
corner = Symbol("corner", nonnegative=True)
"""The largest loss at a corner of a path, its ends among them (T6)."""
readout_change = Symbol("readout_change", nonnegative=True)
"""||B_V z|| in L2(P), B_V the change of V over a segment (RM)."""
branch_change = Symbol("branch_change", nonnegative=True)
"""||B_A z|| in L2(P), B_A the change of A over a segment (RM)."""
above = Symbol("above", nonnegative=True)
"""mean(y_+^2) (T5)."""
below = Symbol("below", nonnegative=True)
"""mean(y_-^2) (T5)."""
exponent = Symbol("exponent", real=True)
"""Exponent of m in a bound of a depth or of a gap (C3)."""
cap = Symbol("cap", positive=True)
"""mu_d(rho), the measure of a cap."""
count = Symbol("count", integer=True, positive=True)
"""A number of directions, pairwise more than 2 rho apart."""
rank = Symbol("rank", integer=True, nonnegative=True)
"""Rank of the features on the data, or of the readers of a stream."""
width = Symbol("width", integer=True, positive=True)
"""What a route may use for m: m less the rank of the readers (T2, T3)."""

# One slot (T7 and what follows from it).
e = Symbol("e", nonnegative=True)
"""How far the step goes: the network's share is 1 - e, the new neuron's mean is e g*; at most 1."""
K = Symbol("K", nonnegative=True)
"""Any bound of sqrt(v_ref): sqrt(v*) <= H* <= sigma S*."""
L_free = Symbol("L_free", nonnegative=True)
"""L', the loss where the slot is empty."""
v_ref = Symbol("v_ref", nonnegative=True)
"""v* = H*^2 - ||g*||^2, H* the sum of the ||V*_k z*_k||: the variance of drawing one neuron of g*."""
distance = Symbol("distance", nonnegative=True)
"""||f' - g*||, f' the network with the empty slot."""
effect = Symbol("effect", nonnegative=True)
"""||h_j||, the L2(P) norm of V_j z_j."""
D_V = Symbol("D_V", nonnegative=True)
"""sigma ||w_j|| ||V_j||: what the readout loses with neuron j."""
D_A = Symbol("D_A", nonnegative=True)
"""sigma Lambda ||w_j|| ||A_j||: what the branch may lose with it."""
S_ref = Symbol("S_ref", nonnegative=True)
"""S*, mass of the reference g*."""
inverse = Symbol("inverse", positive=True)
"""[Gram^{-1}]_jj, Gram = E z z^T (R9)."""
gain = Symbol("gain", nonnegative=True)
"""psi(w): by how much the best readout of one new row lowers the loss (R9)."""
beta = Symbol("beta", nonnegative=True)
"""Lipschitz constant of a loss's gradient in the output (T7L)."""

# Valleys that stay (T8, T10) and the live branch (T11, T12).
omega = Symbol("omega", positive=True)
"""Weight of one of T8b's points."""
price = Symbol("price", nonnegative=True)
"""min over j and x of (u^_j.x)^2/(x^T G_j^{-1} x) (T10)."""
bend = Symbol("bend", nonnegative=True)
"""||U|| beta_q tau^2/Lambda^2: how strongly a smooth branch bends (T7V)."""
density = Symbol("density", nonnegative=True)
"""g: at most a share g t of the data comes within t of a kink without being on it (T12)."""
misfit = Symbol("misfit", nonnegative=True)
"""R_1, the largest ||f - y|| on the data (T12)."""
radius = Symbol("radius", nonnegative=True)
"""The largest norm of what the first layer sees (T12)."""

# Along segments: shares of wrong samples, pieces, barriers (E1 to E3).
wrong_t = Symbol("wrong_t", nonnegative=True)
"""Share of the samples that are wrong at time t."""
wrong_start = Symbol("wrong_start", nonnegative=True)
"""The same at a segment's start."""
wrong_end = Symbol("wrong_end", nonnegative=True)
"""The same at its end."""
wrong_ends = Symbol("wrong_ends", nonnegative=True)
"""Share of the samples that are wrong at the start or at the end."""
piece_left = Symbol("piece_left", nonnegative=True)
"""The loss at a piece's models, at the piece's start."""
piece_right = Symbol("piece_right", nonnegative=True)
"""The same at the piece's end."""
barrier = Symbol("barrier", nonnegative=True)
"""A path's maximum less the higher of its ends."""
barrier_chord = Symbol("barrier_chord", nonnegative=True)
"""The largest excess of the loss over the line between the ends' losses, in path time."""
