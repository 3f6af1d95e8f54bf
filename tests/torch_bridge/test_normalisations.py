"""Batch normalisations that were folded: points of a path go back into the module, and they change nothing there."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

import skipscape as sk


class Convolved(nn.Module):
    """A normalisation behind a convolution, one before, one in front of a dense layer."""

    def __init__(self, *, bias: bool, eps: float) -> None:
        super().__init__()
        self.conv, self.bn = nn.Conv2d(1, 4, 3, bias=bias), nn.BatchNorm2d(4, eps=eps)
        self.before, self.second = nn.BatchNorm2d(4, eps=eps), nn.Conv2d(4, 3, 3, bias=bias)
        self.dense, self.last, self.out = nn.Linear(12, 5), nn.BatchNorm1d(5, eps=eps), nn.Linear(5, 2)

    def forward(self, x):
        x = torch.relu(self.bn(self.conv(x)))
        x = self.second(torch.relu(self.before(x)))
        return self.out(torch.relu(self.last(self.dense(x.flatten(1)))))


def seen(module: nn.Module, seed: int) -> nn.Module:
    """With statistics and factors that are no round numbers."""
    torch.manual_seed(seed)
    for one in module.modules():
        if isinstance(one, nn.BatchNorm1d | nn.BatchNorm2d):
            one.running_mean.normal_()
            one.running_var.uniform_(0.5, 2.0)
            if one.affine:
                nn.init.normal_(one.weight)
                nn.init.normal_(one.bias)
        elif hasattr(one, "reset_parameters"):
            one.reset_parameters()
    return module.eval()


X = np.random.default_rng(0).normal(size=(6, 1, 6, 6))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("eps", [1e-5, 1e-3, 0.1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_point_of_a_path_goes_back_into_the_module(bias, eps, dtype):
    modules = [seen(Convolved(bias=bias, eps=eps), seed).to(dtype) for seed in (0, 1)]
    start, end = (sk.from_torch(module, X) for module in modules)
    line = sk.certify([start, end], sk.Data(X.reshape(6, -1), np.arange(6) % 2), loss="cross-entropy", tolerance=0.5)
    for t in (0, 0.25, 1):
        network = line.path(t)
        restored = network.to_torch(copy.deepcopy(modules[0]))
        rounding = 1e-5 if dtype is torch.float32 else 1e-12
        theirs = restored(torch.tensor(X, dtype=dtype)).detach().numpy()
        np.testing.assert_allclose(theirs, network(X.reshape(6, -1)), rtol=rounding, atol=rounding)
        loaded = copy.deepcopy(modules[1])
        loaded.load_state_dict({name: torch.as_tensor(array) for name, array in network.state_dict().items()})
        assert torch.equal(loaded(torch.tensor(X, dtype=dtype)), restored(torch.tensor(X, dtype=dtype)))


@pytest.mark.parametrize("eps", [1e-5, 1e-3, 0.1, 0.3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_what_stands_in_a_folded_normalisation_changes_nothing(eps, dtype):
    """Bit for bit: 1 / sqrt(1 - eps + eps) is 1 as torch rounds it; with the variance 1 it would not be."""
    module = seen(Convolved(bias=True, eps=eps), 0).to(dtype)
    values = torch.randn(40, 4, 3, 3, dtype=dtype)
    assert not torch.equal(module.bn(values), values)
    restored = sk.from_torch(module, X).to_torch(copy.deepcopy(module))
    assert torch.equal(restored.bn(values), values)
    restored.bn.running_var.fill_(1.0)
    assert not torch.equal(restored.bn(values), values)


def test_a_file_keeps_the_way_back(tmp_path):
    module = seen(Convolved(bias=False, eps=1e-5), 3)
    network = sk.from_torch(module, X)
    sk.save(network, tmp_path / "net.safetensors")
    again = sk.load(tmp_path / "net.safetensors")
    assert again.state_dict().keys() == module.state_dict().keys()
    for name, array in network.state_dict().items():
        np.testing.assert_array_equal(again.state_dict()[name], array)


class Unread(Convolved):
    def __init__(self):
        super().__init__(bias=True, eps=1e-5)
        self.unread = nn.BatchNorm1d(2)


class Bare(nn.Module):
    """A shift for which the module has no place."""

    def __init__(self, *, bias: bool) -> None:
        super().__init__()
        self.conv, self.bn = nn.Conv2d(1, 2, 3, bias=bias), nn.BatchNorm2d(2, affine=False)
        self.out = nn.Linear(32, 2)

    def forward(self, x):
        return self.out(torch.relu(self.bn(self.conv(x))).flatten(1))


@pytest.mark.parametrize("module", [Unread(), Bare(bias=False)])
def test_where_the_module_has_no_place_it_is_said(module):
    network = sk.from_torch(seen(module, 0), X)
    before = copy.deepcopy(module.state_dict())
    with pytest.raises(sk.InputError, match="cannot be restored"):
        network.to_torch(module)
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())


def test_a_bias_before_a_normalisation_without_its_own_is_a_place():
    module = seen(Bare(bias=True), 0)
    network = sk.from_torch(module, X)
    restored = network.to_torch(copy.deepcopy(module))
    theirs = restored(torch.tensor(X, dtype=torch.float32)).detach().numpy()
    np.testing.assert_allclose(theirs, network(X.reshape(6, -1)), rtol=1e-5, atol=1e-5)
