"""Torch modules that are graphs, trained on digits as a plain script would: Adam, cross-entropy, batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from numerics.data import Data
from support.large_digits import large_digits


class ResidualMLP(nn.Module):  # type: ignore[misc]
    """64-128, two blocks of 64 hidden units on the stream, a ReLU after each sum; `norm`: BatchNorm1d in the blocks."""

    def __init__(self, *, norm: bool = False, width: int = 128, hidden: int = 64) -> None:
        super().__init__()
        self.stem = nn.Linear(64, width)
        self.first = nn.ModuleList(nn.Linear(width, hidden) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm1d(hidden) if norm else nn.Identity() for _ in range(2))
        self.second = nn.ModuleList(nn.Linear(hidden, width) for _ in range(2))
        self.head = nn.Linear(width, 10)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.stem(x))
        for first, norm, second in zip(self.first, self.norms, self.second, strict=True):
            x = F.relu(x + second(F.relu(norm(first(x)))))
        return self.head(x)


class BasicCNN(nn.Module):  # type: ignore[misc]
    """8 x 8 images: a convolution, a basic block of two with the identity beside it, average pooling, a linear map."""

    def __init__(self, channels: int = 8) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, channels, 3, padding=1)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.pool = nn.AvgPool2d(2)
        self.head = nn.Linear(16 * channels, 10)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.stem(x.view(-1, 1, 8, 8)))
        x = F.relu(x + self.conv2(F.relu(self.conv1(x))))
        return self.head(torch.flatten(self.pool(x), 1))


class BasicBlock(nn.Module):  # type: ignore[misc]
    """Two convolutions with batch normalisation beside the identity, or beside a strided convolution of 1 x 1."""

    def __init__(self, before: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or before != channels:
            self.shortcut = nn.Sequential(nn.Conv2d(before, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Any) -> Any:
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(out + self.shortcut(x))


class ResNet8(nn.Module):  # type: ignore[misc]
    """A stem, three stages of one basic block, the last two strided, global average pooling, a linear map: the small
    ResNet of CIFAR papers, for images of 8 x 8.
    """

    def __init__(self, channels: int = 8) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, channels, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.layer1 = BasicBlock(channels, channels)
        self.layer2 = BasicBlock(channels, 2 * channels, 2)
        self.layer3 = BasicBlock(2 * channels, 4 * channels, 2)
        self.fc = nn.Linear(4 * channels, 10)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.bn1(self.conv1(x.view(-1, 1, 8, 8))))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


def chain(*widths: int) -> nn.Module:
    """An MLP: linear layers with a ReLU between."""
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def digits() -> Data:
    """All 1,797 of them, pixels / 16."""
    X, labels = load_digits(return_X_y=True)
    return Data(X / 16.0, labels, "digits")


@dataclass(frozen=True)
class Case:
    """A kind of module, and what it is trained on."""

    make: Callable[[], nn.Module]
    data: Callable[[], Data] = digits
    rate: float = 3e-3
    epochs: int = 20

    def trained(self, seed: int) -> nn.Module:
        """A module in evaluation mode after so many epochs of Adam in batches of 64, with cross-entropy."""
        torch.manual_seed(seed)
        data = self.data()
        X = torch.tensor(data.X, dtype=torch.float32)
        y = torch.tensor(np.asarray(data.labels))
        module = self.make()
        optimiser = torch.optim.Adam(module.parameters(), self.rate)
        for _ in range(self.epochs):
            for batch in torch.randperm(len(X)).split(64):
                optimiser.zero_grad()
                F.cross_entropy(module(X[batch]), y[batch]).backward()
                optimiser.step()
        return module.eval()


CASES = {
    "residual MLP": Case(ResidualMLP),
    "residual MLP with BatchNorm1d": Case(lambda: ResidualMLP(norm=True)),
    "CNN, 8 channels": Case(BasicCNN),
    "CNN, 16 channels": Case(lambda: BasicCNN(16)),
    "MLP 64-256-256-10": Case(lambda: chain(64, 256, 256, 10), rate=1e-3),
    "MLP 784-512-512-512-10, N = 5000": Case(lambda: chain(784, 512, 512, 512, 10), large_digits, 1e-3, 10),
}
RESNETS = {"ResNet-8, 8 channels": Case(ResNet8), "ResNet-8, 16 channels": Case(lambda: ResNet8(16))}
