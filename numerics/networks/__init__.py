"""Networks as frozen values: what they are, not how they are trained or certified."""

from numerics.networks.base import Network
from numerics.networks.parallel import Branch, Layer, Parallel
from numerics.networks.two_layer import TwoLayer

__all__ = ["Branch", "Layer", "Network", "Parallel", "TwoLayer"]
