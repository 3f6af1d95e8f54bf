"""Modules as people write them: each converts, agrees with its own outputs and takes its weights back, or is refused.

That outputs agree is asked by `from_torch` itself, on the example, within a derived bound of both roundings.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

import skipscape as sk

Forward = Callable[[Any, Any], Any]


class Written(nn.Module):
    """Parts by their names, and a forward pass over them."""

    def __init__(self, parts: dict[str, Any], forward: Forward) -> None:
        super().__init__()
        for name, part in parts.items():
            if isinstance(part, nn.Module | nn.Parameter):
                setattr(self, name, part)
            else:
                self.register_buffer(name, part)
        self._forward = forward

    def forward(self, x: Any) -> Any:
        return self._forward(self, x)


def images(channels: int = 4, **more: Any) -> dict[str, Any]:
    return {"conv": nn.Conv2d(3, 4, 3, padding=1), "fc": nn.Linear(channels, 2), **more}


def dense(width: int = 6, **more: Any) -> dict[str, Any]:
    return {"a": nn.Linear(8, width), "fc": nn.Linear(6, 2), **more}


def weights(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.randn(shape))


def pooled(h: Any) -> Any:
    return h.mean((2, 3))


def option_a(s: Any, x: Any) -> Any:
    """The shortcut of CIFAR's ResNets: every second pixel, channels of zeros."""
    return s.fc(pooled(F.relu(s.conv(x) + F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 2, 2), "constant", 0))))


def unet(s: Any, x: Any) -> Any:
    e = F.relu(s.down(x))
    return s.out(torch.cat([e, s.up(F.relu(s.middle(F.max_pool2d(e, 2))))], 1)).flatten(1)


def mixer(s: Any, x: Any) -> Any:
    y = x + F.relu(s.tokens(x.transpose(1, 2))).transpose(1, 2)
    return s.fc((y + F.relu(s.channels(y))).mean(1))


def chunks(s: Any, x: Any) -> Any:
    u, v = s.a(x).chunk(2, dim=1)
    return s.fc(torch.relu(u) + v)


def splits(s: Any, x: Any) -> Any:
    u, v = torch.split(s.a(x), [2, 4], 1)
    return s.fc(torch.cat([torch.relu(v), u], 1))


def added_in_place(s: Any, x: Any) -> Any:
    h = F.relu(s.a(x))
    h += s.b(h)
    return s.fc(F.relu(h))


IMAGE, ROW = (3, 8, 8), (8,)
BACK: dict[str, tuple[tuple[int, ...], Callable[[], dict[str, Any]], Forward]] = {
    "mean of rows, then of columns": (IMAGE, images, lambda s, x: s.fc(F.relu(s.conv(x)).mean(3).mean(2))),
    "mean with negative axes": (IMAGE, images, lambda s, x: s.fc(F.relu(s.conv(x)).mean(dim=[-1, -2]))),
    "sum": (IMAGE, images, lambda s, x: s.fc(F.relu(s.conv(x)).sum((2, 3)))),
    "largest": (IMAGE, images, lambda s, x: s.fc(F.relu(s.conv(x)).amax((2, 3)))),
    "adaptive max": (IMAGE, lambda: images(p=nn.AdaptiveMaxPool2d(1)), lambda s, x: s.fc(s.p(s.conv(x)).flatten(1))),
    "maxout": (ROW, lambda: dense(12), lambda s, x: s.fc(s.a(x).view(-1, 6, 2).max(-1)[0])),
    "a divisor": (IMAGE, images, lambda s, x: s.fc(pooled(F.avg_pool2d(s.conv(x), 2, divisor_override=3)))),
    "option A": (
        (4, 8, 8),
        lambda: {"conv": nn.Conv2d(4, 8, 3, 2, 1), "fc": nn.Linear(8, 2)},
        option_a,
    ),
    "a crop with a step": (IMAGE, images, lambda s, x: s.fc(pooled(F.relu(s.conv(x)[:, :, 1:-1:3, 2:6])))),
    "channels by a slice": (IMAGE, lambda: images(2), lambda s, x: s.fc(pooled(F.relu(s.conv(x)[:, ::2])))),
    "one pixel": (IMAGE, images, lambda s, x: s.fc(F.relu(s.conv(x))[:, :, 0, -1])),
    "chunks": (ROW, lambda: {"a": nn.Linear(8, 12), "fc": nn.Linear(6, 2)}, chunks),
    "splits": (ROW, dense, splits),
    "flip and roll": (IMAGE, images, lambda s, x: s.fc(torch.roll(F.relu(s.conv(x)).flip(3), 1, 2)[:, :, 0, 0])),
    "padding": (IMAGE, lambda: images(p=nn.ZeroPad2d((1, 0, 2, 1))), lambda s, x: s.fc(pooled(F.relu(s.conv(s.p(x)))))),
    "reflected": (IMAGE, lambda: images(p=nn.ReflectionPad2d(1)), lambda s, x: s.fc(pooled(F.relu(s.conv(s.p(x)))))),
    "padded circularly": (
        IMAGE,
        lambda: images(c=nn.Conv2d(3, 4, 3, padding=1, padding_mode="circular")),
        lambda s, x: s.fc(pooled(F.relu(s.c(x)) + s.conv(x))),
    ),
    "upsampled": (
        IMAGE,
        lambda: images(c=nn.Conv2d(4, 4, 3), u=nn.Upsample(scale_factor=2)),
        lambda s, x: s.fc(pooled(F.relu(s.c(s.u(F.relu(s.conv(x))))))),
    ),
    "interpolated": (IMAGE, images, lambda s, x: s.fc(F.interpolate(s.conv(x), scale_factor=2).amax((2, 3)))),
    "shuffled pixels": (
        IMAGE,
        lambda: images(256, p=nn.PixelShuffle(2)),
        lambda s, x: s.fc(F.relu(s.p(s.conv(x))).flatten(1)),
    ),
    "shuffled channels": (
        IMAGE,
        lambda: images(c=nn.Conv2d(4, 4, 1, groups=2), p=nn.ChannelShuffle(2)),
        lambda s, x: s.fc(pooled(F.relu(s.c(s.p(F.relu(s.conv(x))))))),
    ),
    "time series": (
        (2, 20),
        lambda: {"c": nn.Conv1d(2, 4, 5, 2, 2, 2, 2), "b": nn.BatchNorm1d(4), "fc": nn.Linear(4, 2)},
        lambda s, x: s.fc(F.avg_pool1d(F.relu(s.b(s.c(x))), 2).mean(-1)),
    ),
    "time series, largest": (
        (3, 16),
        lambda: {"c": nn.Conv1d(3, 4, 3, padding="same"), "p": nn.MaxPool1d(2), "fc": nn.Linear(32, 2)},
        lambda s, x: s.fc(s.p(F.relu(s.c(x))).flatten(1)),
    ),
    "dense on a sequence": (
        (5, 8),
        lambda: {"a": nn.Linear(8, 6), "fc": nn.Linear(30, 2)},
        lambda s, x: s.fc(F.relu(s.a(x)).flatten(1)),
    ),
    "mixer": (
        (6, 8),
        lambda: {"tokens": nn.Linear(6, 6), "channels": nn.Linear(8, 8), "fc": nn.Linear(8, 2)},
        mixer,
    ),
    "maximum": (ROW, lambda: dense(b=nn.Linear(8, 6)), lambda s, x: s.fc(torch.maximum(s.a(x), s.b(x)))),
    "minimum": (ROW, lambda: dense(b=nn.Linear(8, 6)), lambda s, x: s.fc(torch.minimum(s.a(x), s.b(x)))),
    "stacked": (
        ROW,
        lambda: dense(b=nn.Linear(8, 6)),
        lambda s, x: s.fc(F.relu(torch.stack([s.a(x), s.b(x)], 1)).sum(1)),
    ),
    "a matrix": (ROW, lambda: dense(W=weights(8, 6), b=weights(6)), lambda s, x: s.fc(F.relu(x @ s.W + s.b) + s.a(x))),
    "a transposed matrix": (ROW, lambda: dense(W=weights(6, 8)), lambda s, x: s.fc(F.relu(x @ s.W.T) + s.a(x))),
    "addmm": (
        ROW,
        lambda: dense(W=weights(8, 6), b=weights(6)),
        lambda s, x: s.fc(F.relu(torch.addmm(s.b, x, s.W)) + s.a(x)),
    ),
    "F.linear": (ROW, lambda: dense(W=weights(6, 8)), lambda s, x: s.fc(F.relu(F.linear(x, s.W)) + s.a(x))),
    "a scale of its own": (
        ROW,
        lambda: dense(8, b=nn.Linear(8, 6), g=weights(8)),
        lambda s, x: s.fc(s.b(x + s.g * F.relu(s.a(x)))),
    ),
    "a factor alpha": (
        ROW,
        lambda: dense(8, b=nn.Linear(8, 6)),
        lambda s, x: s.fc(s.b(torch.add(x, F.relu(s.a(x)), alpha=0.5))),
    ),
    "in place": (ROW, lambda: dense(b=nn.Linear(6, 6)), added_in_place),
    "soft shrinkage": (ROW, lambda: dense(h=nn.Softshrink(0.3)), lambda s, x: s.fc(s.h(s.a(x)))),
    "hard sigmoid": (ROW, dense, lambda s, x: s.fc(F.hardsigmoid(s.a(x)))),
    "a threshold of 0": (ROW, lambda: dense(h=nn.Threshold(0, 0)), lambda s, x: s.fc(s.h(s.a(x)))),
    "a leak that was drawn": (ROW, lambda: dense(h=nn.RReLU()), lambda s, x: s.fc(s.h(s.a(x)))),
    "normalised inputs": (
        IMAGE,
        lambda: images(mean=torch.full((1, 3, 1, 1), 0.2), std=torch.tensor([0.5, 0.6, 0.7]).view(1, 3, 1, 1)),
        lambda s, x: s.fc(pooled(F.relu(s.conv((x - s.mean) / s.std)))),
    ),
    "unflattened": (
        (48,),
        lambda: images(u=nn.Unflatten(1, (3, 4, 4))),
        lambda s, x: s.fc(pooled(F.relu(s.conv(s.u(x))))),
    ),
}  # fmt: skip


def made(shape: tuple[int, ...], parts: Callable[[], dict[str, Any]], forward: Forward) -> tuple[nn.Module, Any]:
    torch.manual_seed(0)
    return Written(parts(), forward).eval(), torch.randn(3, *shape)


@pytest.mark.parametrize("case", BACK)
def test_it_converts_and_takes_its_weights_back(case):
    """Bit for bit what it had, or, where a normalisation was folded, the same function."""
    module, x = made(*BACK[case])
    network = sk.from_torch(module, x)
    before = copy.deepcopy(module.state_dict())
    assert network.state_dict().keys() == before.keys()
    outputs = module(x)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    network.to_torch(module)
    torch.testing.assert_close(module(x), outputs)
    if not any(isinstance(one, nn.BatchNorm1d) for one in module.modules()):
        assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())


@pytest.mark.parametrize("case", ["time series", "a matrix", "normalised inputs", "mixer", "option A"])
def test_a_file_and_a_path_keep_the_way_back(case, tmp_path):
    module, x = made(*BACK[case])
    network = sk.from_torch(module, x)
    sk.save(network, tmp_path / "net.safetensors")
    again = sk.load(tmp_path / "net.safetensors")
    for name, array in network.state_dict().items():
        np.testing.assert_array_equal(again.state_dict()[name], array)
    data = sk.Data(x.double().numpy().reshape(3, -1), np.eye(2)[[0, 1, 1]])
    line = sk.certify([network, again], data, tolerance=0.5)
    restored = line.path(0.5).to_torch(copy.deepcopy(module))
    torch.testing.assert_close(restored(x), module(x))


FOLDED: dict[str, tuple[tuple[int, ...], Callable[[], dict[str, Any]], Forward, str]] = {
    "transposed convolution": (
        IMAGE,
        lambda: images(5, t=nn.ConvTranspose2d(4, 5, 3, 2, 1, 1)),
        lambda s, x: s.fc(pooled(F.relu(s.t(F.relu(s.conv(x)))))),
        "turned around",
    ),
    "transposed without a step": (
        IMAGE,
        lambda: images(5, t=nn.ConvTranspose2d(4, 5, 3)),
        lambda s, x: s.fc(pooled(F.relu(s.t(F.relu(s.conv(x)))))),
        "turned around",
    ),
    "U-Net": (
        (1, 8, 8),
        lambda: {
            "down": nn.Conv2d(1, 4, 3, padding=1),
            "middle": nn.Conv2d(4, 8, 3, padding=1),
            "up": nn.ConvTranspose2d(8, 4, 2, 2),
            "out": nn.Conv2d(8, 1, 1),
        },
        unet,
        "turned around",
    ),
    "normalised weights": (
        ROW,
        lambda: {"a": weight_norm(nn.Linear(8, 6)), "fc": nn.Linear(6, 2)},
        lambda s, x: s.fc(F.relu(s.a(x))),
        "computed by the module",
    ),
    "one gain for all": (ROW, lambda: dense(g=weights()), lambda s, x: s.fc(F.relu(s.a(x)) * s.g), "channel scale"),
}


@pytest.mark.parametrize("case", FOLDED)
def test_it_converts_and_says_what_does_not_lead_back(case):
    *form, words = FOLDED[case]
    module, x = made(*form)
    network = sk.from_torch(module, x)
    assert words in " ".join(network.notes)
    with pytest.raises(sk.InputError, match="cannot be restored"):
        network.to_torch(module)


REFUSED: dict[str, tuple[tuple[int, ...], Callable[[], dict[str, Any]], Forward]] = {
    "gelu": (ROW, dense, lambda s, x: s.fc(F.gelu(s.a(x)))),
    "GroupNorm": (IMAGE, lambda: images(n=nn.GroupNorm(2, 4)), lambda s, x: s.fc(pooled(s.n(s.conv(x))))),
    "no row times a matrix": ((4, 4), lambda: {"fc": nn.Linear(4, 2)}, lambda s, x: s.fc((x @ x).mean(1))),
    "takes some of the samples": (ROW, dense, lambda s, x: s.fc(s.a(x[0:1]))),
    "does not do to each sample": (ROW, dense, lambda s, x: s.fc(torch.roll(s.a(x), 1, 0))),
    "goes over the samples": (ROW, dense, lambda s, x: s.fc(s.a(x).mean(0))),
    "pads with 2.0": (IMAGE, images, lambda s, x: s.fc(pooled(F.relu(s.conv(F.pad(x, (1, 1), value=2.0)))))),
    "interpolates by bilinear": (
        IMAGE,
        images,
        lambda s, x: s.fc(pooled(F.interpolate(x, 4, mode="bilinear"))),
    ),
    "jumps": (ROW, lambda: dense(h=nn.Threshold(0.1, 2)), lambda s, x: s.fc(s.h(s.a(x)))),
    "one axis": (ROW, dense, lambda s, x: s.fc(s.a(x).max() + s.a(x))),
    "einsum": (ROW, lambda: dense(W=weights(6, 8)), lambda s, x: s.fc(torch.einsum("bi,oi->bo", x, s.W))),
}


@pytest.mark.parametrize("words", REFUSED)
def test_it_is_refused_by_the_name_of_its_node(words):
    module, x = made(*REFUSED[words])
    with pytest.raises(sk.InputError, match=words) as refusal:
        sk.from_torch(module, x)
    assert "node " in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_trained_curves_leave_constants_where_they_are():
    """The shortcut's zeros and ones, and an input's mean, stay what they are along the whole curve."""
    module, x = made(*BACK["option A"])
    other, _ = made(*BACK["option A"])
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(-1.0)
    ends = [sk.from_torch(one, x) for one in (module, other)]
    data = sk.Data(x.double().numpy().reshape(3, -1), np.eye(2)[[0, 1, 1]])
    middle = sk.connect(*ends, data, route="curve").path(0.5)
    constants = [place for place, _ in middle.origin.constants]
    assert constants
    assert all(np.array_equal(middle.arrays[name], ends[0].arrays[name]) for name in constants)
    assert middle.state_dict().keys() == module.state_dict().keys()
