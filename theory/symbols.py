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
