"""Torch modules as people write them, none of it for this project; random weights and running statistics."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn


class Functional(nn.Module):  # type: ignore[misc]
    """An MLP with `F.relu`."""

    def __init__(self, *widths: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, x: Any) -> Any:
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


class ResidualMLP(nn.Module):  # type: ignore[misc]
    """Blocks of two layers on a stream, as written with biases; `post`: a ReLU after each addition."""

    def __init__(self, width: int = 16, *, post: bool = False, norm: bool = False, bias: bool = True) -> None:
        super().__init__()
        self.stem = nn.Linear(64, width)
        self.first = nn.ModuleList(nn.Linear(width, 8) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm1d(8) if norm else nn.Identity() for _ in range(2))
        self.second = nn.ModuleList(nn.Linear(8, width, bias=bias) for _ in range(2))
        self.head = nn.Linear(width, 10)
        self.post = post

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.stem(x))
        for first, norm, second in zip(self.first, self.norms, self.second, strict=True):
            x = x + second(norm(first(x)).relu())
            x = F.relu(x) if self.post else x
        return self.head(x)


class BasicBlock(nn.Module):  # type: ignore[misc]
    """Two 3 x 3 convolutions with batch normalisation, a projection where the shape changes, ReLU after the sum."""

    def __init__(self, before: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, planes, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = nn.Sequential()
        if stride != 1 or before != planes:
            self.shortcut = nn.Sequential(
                nn.Conv2d(before, planes, 1, stride=stride, bias=False), nn.BatchNorm2d(planes)
            )

    def forward(self, x: Any) -> Any:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        return self.relu(out)


class SmallResNet(nn.Module):  # type: ignore[misc]
    """A convolution, two basic blocks, global pooling, log-softmax: 8 x 8 images."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.blocks = nn.Sequential(BasicBlock(4, 4), BasicBlock(4, 6, stride=2))
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(6, 10)

    def forward(self, x: Any) -> Any:
        x = self.blocks(F.relu(self.conv(x)))
        x = torch.flatten(self.pool(x), 1)
        return F.log_softmax(self.fc(x), dim=1)


class DeepMLP(nn.Module):  # type: ignore[misc]
    """784-512-512-512-256-10 on images of 28 x 28, as a public repository on mode connectivity has it."""

    def __init__(self, widths: tuple[int, ...] = (784, 512, 512, 512, 256, 10)) -> None:
        super().__init__()
        self.size = widths[0]
        for k, (a, b) in enumerate(pairwise(widths)):
            setattr(self, f"layer{k}", nn.Linear(a, b))
        self.depth = len(widths) - 1

    def forward(self, x: Any) -> Any:
        x = x.view(-1, self.size)
        for k in range(self.depth - 1):
            x = F.relu(getattr(self, f"layer{k}")(x))
        return F.log_softmax(getattr(self, f"layer{self.depth - 1}")(x), dim=-1)


class DropoutCNN(nn.Module):  # type: ignore[misc]
    """Convolutions with max pooling and dropout, a classifier behind them, as another one has it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_part = nn.Sequential(
            nn.Conv2d(3, 6, kernel_size=3, padding=1), nn.ReLU(True), nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(6, 8, kernel_size=3), nn.ReLU(True), nn.MaxPool2d(2, 2, ceil_mode=True),
        )  # fmt: skip
        self.fc_part = nn.Sequential(nn.Dropout(), nn.Linear(72, 20), nn.ReLU(True), nn.Dropout(), nn.Linear(20, 10))

    def forward(self, x: Any) -> Any:
        x = self.conv_part(x)
        x = x.view(x.size(0), -1)
        return self.fc_part(x)


class PreActivation(nn.Module):  # type: ignore[misc]
    """Normalisation and ReLU before each convolution, pooling by a mean, groups, a concatenation."""

    def __init__(self) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(4)
        self.conv = nn.Conv2d(4, 4, (3, 2), padding="same", groups=2, dilation=(1, 2), bias=False)
        self.down = nn.Conv2d(8, 4, 3, stride=(2, 1), padding=(1, 0))
        self.fc = nn.Linear(4, 3)

    def forward(self, x: Any) -> Any:
        x = torch.cat([x, self.conv(F.relu(self.bn(x)))], dim=1)
        x = F.avg_pool2d(self.down(x), 2, stride=1, padding=1, count_include_pad=False)
        return self.fc(x.mean(dim=(2, 3)))


class Parallel(nn.Module):  # type: ignore[misc]
    """A skip and a deep branch side by side, with one output bias."""

    def __init__(self) -> None:
        super().__init__()
        self.features, self.skip = nn.Linear(64, 12), nn.Linear(12, 3)
        self.branch = nn.Sequential(
            nn.Linear(12, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3, bias=False)
        )

    def forward(self, x: Any) -> Any:
        z = torch.relu(self.features(x.flatten(1)))
        return self.branch(z) + self.skip(z)


def seeded(make: Any, seed: int = 0) -> Any:
    """The module with weights and running statistics from a seed, in evaluation mode."""
    torch.manual_seed(seed)
    module = make()
    for inner in module.modules():
        if isinstance(inner, nn.BatchNorm1d | nn.BatchNorm2d):
            assert inner.running_mean is not None
            assert inner.running_var is not None
            inner.running_mean.normal_()
            inner.running_var.uniform_(0.5, 2.0)
            for one in inner.parameters():
                nn.init.normal_(one)
    return module.eval()
