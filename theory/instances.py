"""Evidence about instances: sharpest witnesses, and what `numerics/checks` runs on networks. None of it lifts a
statement above `tested`; each piece can refute one.

Names are declared here and run elsewhere: `sharpness.*` in `theory.sharpness`; `check.<id>` (drawn networks),
`case.<number>` (the hand-checkable cases) and `exact.<name>` (constructions) in `numerics/checks`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from theory.arguments import instances
from theory.evidence import Evidence
from theory.proof import Method
from theory.sharpness import WITNESSES

SHARPNESS: Mapping[str, str] = MappingProxyType({f"sharpness.{name}": name.partition("-")[0] for name in WITNESSES})
"""Statement by evidence name."""

CHECKED: tuple[str, ...] = ()
"""Ids with a seeded property run in `numerics/checks`."""

CONSTRUCTED: Mapping[str, str] = MappingProxyType({})
"""Statement by evidence name: cases and constructions of `numerics/checks`."""

NETWORKS: Mapping[str, str] = MappingProxyType({**{f"check.{id_}": id_ for id_ in CHECKED}, **CONSTRUCTED})
"""All that `numerics/checks` runs."""

INSTANCES = (
    *(instances(id_, Evidence(name, Method.EXACT, "this witness")) for name, id_ in SHARPNESS.items()),
    *(instances(id_, Evidence(f"check.{id_}", Method.SAMPLED, "drawn networks and data")) for id_ in CHECKED),
    *(instances(id_, Evidence(name, Method.EXACT, "this instance")) for name, id_ in CONSTRUCTED.items()),
)
