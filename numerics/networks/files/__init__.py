"""Networks from and to files, exactly; what describes another function than a ReLU network is refused."""

from numerics.networks.files.network import (
    network_from,
    read_network,
    require_network_name,
    suffix_of,
    write_network,
)

__all__ = [
    "network_from",
    "read_network",
    "require_network_name",
    "suffix_of",
    "write_network",
]
