"""C2's shape: two paths to one two-layer reference, on different slots, made into one path between their starts."""

from __future__ import annotations

from numerics.moves.load import load, load_branch
from numerics.moves.permute import permute
from numerics.moves.readout import readout_of
from numerics.networks.arrays import differing
from numerics.routes.candidate import Candidate


def joined(route: str, there: Candidate, back: Candidate) -> Candidate:
    """L9: the reference's neurons change slots silently, then the second path is run backwards."""
    if there.slots is None or back.slots is None:
        raise ValueError("a route to the reference names the slots that it used")
    path, goal = there.path, back.path.end
    read = {mine: yours for mine, yours in zip(there.slots, back.slots, strict=True) if path.end.V[:, mine].any()}
    path = path.followed_by(permute(path.end, read))
    missing = differing(path.end.W, goal.W)
    if len(missing):
        path = path.then(load(path.end, missing, goal.W[missing]))
    path = path.then(load_branch(path.end, goal))
    path = path.then(readout_of(path.end, goal))
    return Candidate(route, path.followed_by(back.path.reversed()), max(there.estimate, back.estimate))
