"""Evidence about instances: sharpest witnesses, and what `numerics/checks` runs on networks. None of it lifts a
statement above `tested`; each piece can refute one.

Names are declared here and run elsewhere: `sharpness.*` in `theory.sharpness`; `check.<id>` (drawn networks),
`case.<number>` (the hand-checkable cases) and `exact.<name>` (constructions) in `numerics/checks`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from theory.arguments import instances
from theory.catalogue import ORDER
from theory.evidence import Evidence
from theory.proof import Method
from theory.sharpness import WITNESSES

SHARPNESS: Mapping[str, str] = MappingProxyType({f"sharpness.{name}": name.partition("-")[0] for name in WITNESSES})
"""Statement by evidence name."""

CHECKED = tuple(id_ for id_ in ORDER if id_ not in ("C3", "C4"))
"""Ids with a seeded property run; C3 and C4 are arithmetic of the bounds, with nothing to measure."""

CONSTRUCTED: Mapping[str, str] = MappingProxyType(
    {
        "case.1": "L1c",
        "case.2": "L2",
        "case.3": "T1",
        "case.5": "L4",
        "case.7": "L10",
        "case.8": "L5",
        "case.9": "R1",
        "case.13": "T5",
        "case.14": "L7",
        "case.15": "L7",
        "case.16": "R0",
        "exact.T2": "T2",
        "exact.T3": "T3",
    }
)
"""Statement by evidence name: the cases of the blueprint's section 5, and constructions."""

NETWORKS: Mapping[str, str] = MappingProxyType({**{f"check.{id_}": id_ for id_ in CHECKED}, **CONSTRUCTED})
"""All that `numerics/checks` runs."""

INSTANCES = (
    *(instances(id_, Evidence(name, Method.EXACT, "this witness")) for name, id_ in SHARPNESS.items()),
    *(instances(id_, Evidence(f"check.{id_}", Method.SAMPLED, "drawn networks and data")) for id_ in CHECKED),
    *(instances(id_, Evidence(name, Method.EXACT, "this instance")) for name, id_ in CONSTRUCTED.items()),
)
