"""Which parameters a class has, refused by the relation that is violated; what a forward pass takes, by hand."""

import pytest

from numerics.checker.graph import Work
from numerics.checker.spaces import parse_space


@pytest.mark.parametrize("name", ["Q", "B0", "b", "blocks.00.A", "blocks.0.V", "W ", "blocks.100.A"])
def test_a_name_that_no_class_has_is_refused_as_such(name: str) -> None:
    """Before its shape is looked at, and with the names that there are."""
    with pytest.raises(ValueError, match="is not a parameter: the names are W, V, A, a, B1, b1"):
        parse_space("two-layer", 0, {"W": (3, 5), "V": (2, 3), name: (1, 1)})


def test_the_work_of_a_two_layer_network_by_hand() -> None:
    """15 + 6 entries, each multiplied once; inputs, features and outputs; the longest sum has five terms."""
    work = parse_space("two-layer", 0, {"W": (3, 5), "V": (2, 3)}).work
    assert work == Work(weights=21, products=21, cells=5 + 5 + 3, widest=5, gathered=5, longest=5)
