"""What lies beside an exported theorem: what it says, what closes it, and what is left to trust."""

README = """\
A theorem about your networks
=============================

Each .v file here was written by `skipscape export CERT --coq FILE.v --data DATA`. It holds the numbers of one
certificate, of its data and of its networks, as integers, and one theorem about them. Coq (8.16 or later) compiles it
on the project's formal development, after `make formal`:

    coqc -q -Q proofs_notes/formal Skipscape FILE.v

`make theorem CERT=... DATA=...` does all of it and prints the axioms.

What is proved
--------------
`path`, for a certificate of two networks:

    exists g, path g /\\ g 0 = A /\\ g 1 = B /\\ forall t, 0 <= t <= 1 -> Loss (g t) <= c

There is a continuous curve in the space of all weights, from the network A to the network B, on which the mean squared
error on the data is nowhere above the rational c. A and B are the two networks of the certificate, weight by weight;
Loss is the mean over the points of the sum of squares over the outputs, over the real numbers, without any rounding.

`depth`, for a certificate of a depth: a continuous curve from A never climbs more than `climb` above the loss of A, and
ends at a loss that is lower than A's by at least `gain`; so the depth of A is at most `climb`.

The definitions are those that the project's theorems T1, T6 and T7 use: base/paths.v, networks/networks.v, and
certificates/numbers.v (`entry`: integer over a power of two), certificates/evaluate.v (`network`, `data_of`,
`biased_branch`: biases are last columns, the data have the 1 of a first-layer bias as last column).
The corners between A and B are no part of the sentence; they are how the check finds the curve.

What is not said: anything about other data, other losses, float arithmetic on a machine, or how deep the loss gets
along other curves.

What is trusted
---------------
- Coq's kernel, its virtual machine (`vm_cast_no_check`), and its machine integers.
- The axioms that `Print Assumptions` lists: those of Coq's real numbers (sig_forall_dec, sig_not_dec, functional
  extensionality), and of Coq's primitive 63-bit integers (Uint63, Sint63, PrimInt63: that add, mul, ... are addition
  and multiplication modulo 2^63). No axiom is this project's.
- That the literals in the file are your networks and data. A second program, which shares no code with the one that
  wrote the file, reads them back and compares every weight, target and input with the files:

    skipscape export CERT --verify FILE.v --data DATA --start A --end B

  It also compares the statement, letter by letter, with the one above.
"""
