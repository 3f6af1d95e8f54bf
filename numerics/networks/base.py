"""What every network class answers: its parameters by name, its sizes, and itself with some weights replaced."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self, TypeVar

from numpy.typing import ArrayLike

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.networks.arrays import Array, as_array, flag, same, weights
from numerics.networks.forward import Arithmetic, float_outputs
from numerics.networks.origin import Origin, write_into

H = TypeVar("H")
P = TypeVar("P")


class Network(Shown, ABC):
    """A ReLU network with all its weights; frozen, its arrays read-only float64. Made by `from_arrays` and `load`.

    Every class has the first layer `W` (m, D), D = n, or n + 1 with `bias`, which says that it sees `(x, 1)`; all but
    `plain` the readout `V` (p, m); and the output bias `c` (p,) or None. Called with `X` it gives its outputs;
    `width` is m, `inputs` n, `outputs` p. Errors are InputError.

    >>> net = sk.Network.from_arrays("two-layer", {"W": [[1.0, 0.0]], "V": [[2.0]]}, bias=True)
    >>> net
    TwoLayer(W=float64 (1, 2), V=float64 (1, 1), c=None, bias=True)
    >>> net.inputs, net.width, net.outputs
    (1, 1, 1)
    """

    kind: ClassVar[str]
    has_skip: ClassVar[bool] = True  # a readout V reads the features
    has_stream: ClassVar[bool] = False  # blocks write back into the coordinates of the first layer
    adds_linearly: ClassVar[bool] = True  # no rectifier between what blocks write and who reads it
    has_branch: ClassVar[bool] = True  # layers A, B1, ... beside the skip
    has_blocks: ClassVar[bool] = False  # any number of blocks, each with a branch of its own
    has_first_layer: ClassVar[bool] = True  # it begins with `[W x]_+`, and `forward` says how it goes on
    W: Array
    V: Array
    c: Array | None
    bias: bool
    origin: Origin | None = None  # of a converted network; no field, so that it does not tell two networks apart

    @staticmethod
    def from_arrays(kind: str, arrays: Mapping[str, ArrayLike], *, bias: bool = False) -> Network:
        """The network of a class with these parameters, by the names and shapes of the file format; others are refused.

        - `two-layer`: `W` (m, n), or (m, n + 1) with `bias`; `V` (p, m)
        - `parallel`: also the branch `A` (r, m), `B1` (r1, r), ..., and `U` (p, r_last)
        - `residual`: the same, with `U` (m, r_last)
        - `stream`: `W`, `V` and for each block `blocks.0.A`, `blocks.0.B1`, ..., `blocks.0.U` (m, r_last), ...
        - `post`: as `stream`, with a rectifier after each sum
        - `plain`: as `parallel`, without `V`

        Each may have `c` (p,), and with each matrix `A`, `B1`, ... its bias `a`, `b1`, .... Arrays may be lists, numpy
        arrays or torch tensors, of floats of at most 64 bits or of integers, and are copied exactly. Raises InputError.

        >>> net = sk.Network.from_arrays("two-layer", {"W": [[1.0], [-1.0]], "V": [[1.0, 1.0]]})
        >>> net([[-3.0], [2.0]])
        array([[3.],
               [2.]])
        """
        from numerics.networks.classes import network_of

        if not isinstance(arrays, Mapping):
            raise InputError(f"the arrays are a {type(arrays).__name__}: a mapping from their names is needed")
        return network_of(kind, {str(name): as_array(str(name), array) for name, array in arrays.items()}, bias=bias)

    def __call__(self, X: ArrayLike) -> Array:
        """Outputs (N, p) of inputs `X` (N, n), in float64: for looking, never for proving. Raises InputError."""
        points = weights("X", X, 2)
        if points.shape[1] != self.inputs:
            raise InputError(f"X has {points.shape[1]} columns, but the network {self.inputs} inputs")
        return self.floats(points)

    def floats(self, X: Array) -> Array:
        """The same of inputs that fit, which nobody looks at."""
        return float_outputs(self, X)

    def state_dict(self) -> dict[str, Array]:
        """Name -> a copy of the array, which may be changed; of a converted network by the names that it came with."""
        if self.origin is not None and self.origin.names:
            return self.origin.state_dict(self.parameters(), ones=self.bias)
        return {name: array.copy() for name, array in self.parameters().items()}

    def to_torch(self, module: Any) -> Any:
        """Write the weights into a torch module of the form that the network was converted from, and return it.

        Values are rounded to the module's type; those that came from it are restored bit for bit. Batch normalisations
        that were folded are given numbers with which they change nothing. Raises InputError if names or shapes differ,
        or if the conversion changed values in another way (see `notes`).
        """
        write_into(module, self.state_dict(), self.origin)
        return module

    @property
    def notes(self) -> tuple[str, ...]:
        """What the conversion folded or left out, a sentence each; nothing of a network that was not converted."""
        return () if self.origin is None else self.origin.notes

    def with_origin(self, origin: Origin | None) -> Self:
        """The same network, which remembers what it was converted from; its arrays are shared. Raises InputError."""
        known = None if origin is None else origin.require_for(self.parameters(), ones=self.bias)
        same_one = self._replaced({})
        object.__setattr__(same_one, "origin", known)
        return same_one

    @classmethod
    @abstractmethod
    def of(cls, parameters: Mapping[str, Array], *, bias: bool) -> Self:
        """The network of this class from its parameters by name. Raises InputError naming what is missing or wrong."""

    @abstractmethod
    def parameters(self) -> dict[str, Array]:
        """Name -> array, by the names of the file format; optional biases only where the class has them."""

    @classmethod
    @abstractmethod
    def forward(cls, weights: Mapping[str, P], z: H, arithmetic: Arithmetic[H, P]) -> H:
        """`f` (N, p) from the first layer `z = [W x]_+` (N, m), in any arithmetic; `weights` by name."""

    def replace(self, changes: Mapping[str, Array]) -> Self:
        """The network of the same class with these parameters instead."""
        network = self._replaced(changes)
        object.__setattr__(network, "origin", self.origin)
        return network

    def _replaced(self, changes: Mapping[str, Array]) -> Self:
        """The same, of no origin."""
        return self.of({**self.parameters(), **changes}, bias=self.bias)

    def _settle(self, *matrices: str) -> None:
        """Make these and `c` read-only float64 arrays and `bias` a bool. Raises InputError."""
        object.__setattr__(self, "bias", flag(self.bias))
        for name in matrices:
            object.__setattr__(self, name, weights(name, getattr(self, name), 2))
        if self.c is not None:
            object.__setattr__(self, "c", weights("c", self.c, 1))

    def _with_output_bias(self, *names: str) -> tuple[str, ...]:
        """The names, and `c` where there is one."""
        return names if self.c is None else (*names, "c")

    @property
    def without_features(self) -> str | None:
        """What keeps the lemmas about features `[W x]_+` from speaking of this network; None of a class."""
        return None

    @property
    @abstractmethod
    def readout(self) -> tuple[str, ...]:
        """Names of the parameters in which the output is affine (L7)."""

    @property
    def output_bias(self) -> str | None:
        """The name of the readout's bias, where there is one."""
        return None if self.c is None else "c"

    @property
    def width(self) -> int:
        """`m`, the number of first-layer neurons."""
        return len(self.W)

    @property
    def outputs(self) -> int:
        """`p`."""
        return len(self.V)

    @property
    def inputs(self) -> int:
        """`n`, the length of `x`."""
        return int(self.W.shape[1]) - int(self.bias)

    @property
    def like(self) -> Self:
        """A network of its space: itself."""
        return self

    @property
    def is_float(self) -> bool:
        """Whether every weight is a float64: always, as opposed to corners whose weights may be rationals."""
        return True

    def space(self) -> tuple[object, ...]:
        """What two networks must share to be two parameters of one space: class, bias, parameter names and shapes."""
        return (
            self.kind,
            self.bias,
            tuple((name, array.shape) for name, array in sorted(self.parameters().items())),
        )

    def changed(self, other: Network) -> Iterator[str]:
        """Names of the parameters that are not bit for bit the same in both (of one space)."""
        theirs = other.parameters()
        return (name for name, array in self.parameters().items() if not same(array, theirs[name]))

    def identical(self, other: Network) -> bool:
        """Same space, and every weight bit for bit the same."""
        return self.space() == other.space() and not any(self.changed(other))
