"""C2's shape: two paths to one two-layer reference, on different slots, made into one path between their starts."""

from __future__ import annotations

from numerics.moves.load import load, load_branch
from numerics.moves.permute import permute
from numerics.moves.readout import readout_of
from numerics.networks.arrays import differing
from numerics.paths import Path
from numerics.paths.exact import with_corners
from numerics.routes.candidate import Candidate


def joined(route: str, there: Candidate, back: Candidate) -> Candidate:
    """L9: the reference's neurons change slots silently, then the second path is run backwards."""
    if there.slots is None or back.slots is None:
        raise ValueError("a route to the reference names the slots that it used")
    path, goal = Path(there.path.end), back.path.end
    read = {mine: yours for mine, yours in zip(there.slots, back.slots, strict=True) if path.end.V[:, mine].any()}
    path = path.followed_by(permute(path.end, read))
    missing = differing(path.end.W, goal.W)
    if len(missing):
        path = path.then(load(path.end, missing, goal.W[missing]))
    path = path.then(load_branch(path.end, goal))
    path = path.then(readout_of(path.end, goal))
    exact = None
    if there.exact is not None or back.exact is not None:
        halves = [with_corners(one.path) if one.exact is None else one.exact for one in (there, back)]
        exact = halves[0].followed_by(with_corners(path)).followed_by(halves[1].reversed()).unless_constant()
    whole = there.path.followed_by(path).followed_by(back.path.reversed())
    return Candidate(route, whole, max(there.estimate, back.estimate), exact=exact)
