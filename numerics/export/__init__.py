"""A certificate as a theorem of Coq: its numbers as integers, the corners, the sentence, and what one has to trust."""

from numerics.export.readme import README
from numerics.export.theorem import theorem_of

__all__ = ["README", "theorem_of"]
