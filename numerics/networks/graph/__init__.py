"""Networks as graphs of nodes: the vocabulary, the evaluation in any arithmetic, and what is one of the classes."""

from numerics.networks.graph.graph import Graph
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import VOCABULARY
from numerics.networks.graph.operations import FloatOperations, Operations
from numerics.networks.graph.run import run

__all__ = ["VOCABULARY", "FloatOperations", "Graph", "Node", "Operations", "run"]
