"""Transposed convolutions as convolutions: zeros between the pixels, then the kernel turned around."""

from __future__ import annotations

import numpy as np

from numerics.networks.arrays import Array, require
from numerics.networks.graph.build import Builder
from numerics.networks.graph.images import Conv2d
from numerics.networks.graph.nodes import Transpose
from numerics.networks.graph.windows import Padding, Pair


def transposed(
    builder: Builder, name: str, source: str, weight: tuple[str, Array], bias: str | None,
    stride: Pair, padding: Padding, further: Pair,
) -> str:  # fmt: skip
    """The transposed convolution of an image (c, h, w) with a kernel (c, o, kh, kw), which is kept turned around.

    `padding`: rows and columns that are cut off above, to the left, below, to the right; `further`: that are made more
    of below and to the right. Raises InputError where more is cut off than the kernel reaches beyond a pixel.
    """
    kept, kernel = weight
    sizes = kernel.shape[2], kernel.shape[3]
    before = [size - 1 - cut for size, cut in zip(sizes, padding[:2], strict=True)]
    after = [
        size - 1 - cut + more - (step - 1)
        for size, cut, more, step in zip(sizes, padding[2:], further, stride, strict=True)
    ]
    require(min(*before, *after) >= 0, f"node {name} cuts off what its kernel makes at the edges, which is not covered")
    turned = np.ascontiguousarray(np.asarray(kernel, dtype=np.float64)[:, :, ::-1, ::-1].transpose(1, 0, 2, 3))
    builder.keep(kept, turned)
    builder.folded = True
    builder.notes.append(f"the kernel of {name} is turned around: a transposed convolution became a convolution")
    around = before[0], before[1], after[0], after[1]
    spread = _spread(builder, name, source, stride)
    return builder.add(Conv2d(builder.fresh(name), (spread,), weight=kept, bias=bias, kernel=sizes, padding=around))


def _spread(builder: Builder, name: str, source: str, stride: Pair) -> str:
    """The image with zeros behind each row and column: each pixel is the first of a block."""
    (c, h, w), (f, g) = builder.shapes[source], stride
    if stride == (1, 1):
        return source
    first = np.zeros((c * f * g, c, 1, 1))
    first[np.arange(c) * f * g, np.arange(c)] = 1.0
    kept = builder.constant(f"{name}.spread", first)
    blocks = builder.add(Conv2d(builder.fresh(name), (source,), weight=kept, kernel=(1, 1)))
    fine = builder.shaped(name, blocks, (c, f, g, h, w))
    turned = builder.add(Transpose(builder.fresh(name), (fine,), order=(0, 3, 1, 4, 2)))
    return builder.shaped(name, turned, (c, h * f, w * g))
