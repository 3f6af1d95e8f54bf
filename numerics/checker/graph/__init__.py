"""Networks as graphs of nodes: what a list of nodes may say, the shapes that follow, and the value in any arithmetic.

Written from proofs_notes/certificate.md, section 9; nothing of the finder's graphs is looked at.
"""

from .evaluate import BIAS, Arithmetic, Work, matrices, outputs, work_of
from .liveness import live_units
from .nodes import Node, parse_nodes, parse_text, written
from .shapes import Graph, graph_of
from .windows import Windows, take

__all__ = [
    "BIAS",
    "Arithmetic",
    "Graph",
    "Node",
    "Windows",
    "Work",
    "graph_of",
    "live_units",
    "matrices",
    "outputs",
    "parse_nodes",
    "parse_text",
    "take",
    "work_of",
    "written",
]
