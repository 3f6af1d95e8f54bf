"""Networks as frozen values: what they are, not how they are trained or certified."""

from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.classes import CLASSES, network_of
from numerics.networks.parallel import Parallel
from numerics.networks.plain import Plain
from numerics.networks.residual import Residual
from numerics.networks.stream import Block, Stream
from numerics.networks.two_layer import TwoLayer

__all__ = [
    "CLASSES",
    "Block",
    "Branch",
    "Layer",
    "Network",
    "Parallel",
    "Plain",
    "Residual",
    "Stream",
    "TwoLayer",
    "network_of",
]
