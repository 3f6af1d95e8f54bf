"""A certificate as a theorem of Coq: its numbers as integers, the sentence, and what a reader has to trust."""

from numerics.export.theorem import Theorem, theorem_of

__all__ = ["Theorem", "theorem_of"]
