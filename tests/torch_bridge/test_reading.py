"""Torch modules as networks: the same function within a derived bound, names restored bit for bit, refusals by name."""

import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

import skipscape as sk  # noqa: E402
from numerics.networks.files import read_network  # noqa: E402
from numerics.networks.graph.rounding import softmax_bound  # noqa: E402
from numerics.torch_bridge.reading import translated  # noqa: E402
from numerics.torch_bridge.steps import Steps, Value  # noqa: E402
from support import torch_modules as modules  # noqa: E402
from support.torch_modules import seeded  # noqa: E402

S, L = nn.Sequential, nn.Linear
MODELS = {
    "MLP": (lambda: S(L(64, 256), nn.ReLU(), L(256, 256), nn.ReLU(), L(256, 10)), (64,), "plain"),
    "MLP with F.relu": (lambda: modules.Functional(64, 256, 256, 10), (64,), "plain"),
    "MLP of two layers": (lambda: S(L(5, 7, bias=False), nn.ReLU(), L(7, 3)), (5,), "two-layer"),
    "MLP with normalisation": (
        lambda: S(L(64, 9, bias=False), nn.BatchNorm1d(9), nn.ReLU(), L(9, 8), nn.BatchNorm1d(8), nn.ReLU(), L(8, 10)),
        (64,),
        "plain",
    ),
    "normalisation without weights": (
        lambda: S(L(4, 5), nn.BatchNorm1d(5, affine=False), nn.ReLU(), L(5, 2)),
        (4,),
        "two-layer",
    ),
    "one affine map": (lambda: S(nn.Flatten(), L(6, 2)), (2, 3), "graph"),
    "residual MLP": (modules.ResidualMLP, (64,), "graph"),
    "stream": (lambda: modules.ResidualMLP(bias=False), (64,), "stream"),
    "ReLU after the sum": (lambda: modules.ResidualMLP(post=True, norm=True), (64,), "graph"),
    "parallel": (modules.Parallel, (1, 8, 8), "parallel"),
    "basic blocks": (modules.SmallResNet, (1, 8, 8), "graph"),
    "784-512-512-512-256-10": (modules.DeepMLP, (1, 28, 28), "plain"),
    "dropout and max pooling": (modules.DropoutCNN, (3, 16, 16), "graph"),
    "pre-activation": (modules.PreActivation, (4, 6, 5), "graph"),
}  # fmt: skip
FOLDED = {
    "MLP with normalisation",
    "normalisation without weights",
    "ReLU after the sum",
    "basic blocks",
    "pre-activation",
}
ABSORBED = {"basic blocks", "784-512-512-512-256-10"}


def points(size, count=3, seed=1):
    return np.random.default_rng(seed).normal(size=(count, *size))


@pytest.mark.parametrize("case", MODELS)
def test_a_module_and_its_network_are_one_function(case):
    """Torch's float64 outputs at fresh points, within the derived bound; the module stays as it was."""
    make, size, kind = MODELS[case]
    module = seeded(make)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    X = points(size)
    translation, network = translated(module, points(size, 2, 0)), sk.from_torch(module, torch.zeros(1, *size))
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())
    assert network.kind == kind
    assert bool(network.notes) == (case in FOLDED | ABSORBED)
    with torch.no_grad():
        theirs = module.double()(torch.tensor(X)).numpy()
    flat = X.reshape(len(X), -1)
    for mine in (translation.graph(flat), network(flat)):
        bound = translation.bound(flat)
        if case in ABSORBED:
            mine, bound = torch.log_softmax(torch.tensor(mine), 1).numpy(), softmax_bound(mine, bound)
        assert (np.abs(mine - theirs) <= bound).all()
    assert translation.bound(flat).max() < 2.0**-20 * np.abs(theirs).max()  # which no wrong translation meets


@pytest.mark.parametrize("case", sorted(set(MODELS) - FOLDED))
@pytest.mark.parametrize("stored", [False, True])
def test_names_and_bits_are_restored(case, stored, tmp_path):
    """In the order of the state dict, into another module, also after a file; a negative zero and a subnormal stay."""
    make, size, _ = MODELS[case]
    module = seeded(make)
    first = next(module.parameters())
    with torch.no_grad():
        first.view(-1)[0], first.view(-1)[1] = -0.0, 1e-45
    network = sk.from_torch(module, torch.zeros(2, *size))
    if stored:
        sk.save(network, tmp_path / "net.safetensors")
        network = sk.load(tmp_path / "net.safetensors")
    state = network.state_dict()
    assert list(state) == list(module.state_dict())
    for name, tensor in module.state_dict().items():
        assert state[name].astype(np.float32).tobytes() == tensor.numpy().tobytes()
    other = network.to_torch(seeded(make, seed=1))
    assert all(torch.equal(tensor, other.state_dict()[name]) for name, tensor in module.state_dict().items())
    assert pickle.loads(pickle.dumps(network)).state_dict().keys() == state.keys()


@pytest.mark.usefixtures("checker_nearby")
def test_mlps_of_torch_are_certified_and_come_back():
    """Three layers on a polygon, two layers joined; the path's networks go back into the module."""
    rng = np.random.default_rng(0)
    data = sk.Data(rng.integers(-2, 3, (2, 3)) / 2, [0, 1])
    deep = [seeded(lambda: modules.Functional(3, 4, 3, 2), seed) for seed in (0, 1)]
    a, b = (sk.from_torch(module, torch.zeros(1, 3)) for module in deep)
    line = sk.certify([a, b], data, tolerance="1/2")
    assert line.proved
    middle = line.path("1/2").to_torch(modules.Functional(3, 4, 3, 2)).state_dict()
    for name, tensor in deep[0].state_dict().items():
        mean = (tensor.double() + deep[1].state_dict()[name].double()) / 2
        assert torch.equal(middle[name], mean.float())
    for t, module in ((0, deep[0]), (1, deep[1])):
        found = line.path(t).state_dict()
        assert list(found) == list(module.state_dict())
        assert all(found[name].tobytes() == one.double().numpy().tobytes() for name, one in module.state_dict().items())
    flat = [seeded(lambda: modules.Functional(3, 4, 2), seed) for seed in (0, 1)]
    c, d = (sk.from_torch(module, torch.zeros(1, 3)) for module in flat)
    joined = sk.connect(c, d, data, route="line")
    assert joined.proved
    assert list(joined.path(0.3).state_dict()) == list(flat[0].state_dict())


def test_what_was_folded_is_said_and_goes_back():
    """One sentence for all normalisations, one for a last softmax."""
    module = seeded(modules.SmallResNet)
    network = sk.from_torch(module, torch.zeros(1, 1, 8, 8))
    softmax, folded = sorted(network.notes)
    assert softmax.startswith("a last log_softmax is left out")
    assert "blocks.0.bn1" in folded
    assert "a path between folded networks is not the path between the unfolded ones" in folded
    points = torch.tensor(np.random.default_rng(0).normal(size=(4, 1, 8, 8)), dtype=torch.float32)
    theirs = module(points)
    torch.testing.assert_close(network.to_torch(module)(points), theirs)


class Constants(nn.Module):
    """Numbers of its own program beside its parameters, and three activations that are no ReLU."""

    def __init__(self, shift=0.5):
        super().__init__()
        self.shift, self.conv, self.slopes, self.fc = shift, nn.Conv2d(1, 3, 3, bias=False), nn.PReLU(3), L(12, 2)

    def forward(self, x):
        h = F.leaky_relu(self.slopes(self.conv(2 * x - self.shift)), 0.125)
        return self.fc(F.relu6(h * torch.arange(3.0)[:, None, None]).flatten(1))


def test_constants_of_a_program_stand_in_no_state_dict(tmp_path):
    """Found on a module of our own: `x - 0.5` added a name to the state dict, which no module could take back."""
    first, last = (seeded(Constants, seed) for seed in (1, 2))
    ends = [sk.from_torch(module, points((1, 4, 4))) for module in (first, last)]
    assert list(ends[0].state_dict()) == list(first.state_dict())
    data = sk.Data(points((16,), 8).round(2), np.eye(2)[[0, 1] * 4])
    result = sk.certify(ends, data, loss="cross-entropy", tolerance=1e-2)
    result.save(tmp_path / "line.cert")
    assert (result.verdict, sk.check(tmp_path / "line.cert", data, *ends).verdict) == ("PROVED", "PROVED")
    for t, module in ((0, first), (1, last)):
        back = result.path(t).to_torch(Constants())
        assert all(torch.equal(*both) for both in zip(back.parameters(), module.parameters(), strict=True))
    middle = result.path(0.5)
    Constants().load_state_dict({name: torch.tensor(array) for name, array in middle.state_dict().items()})
    sk.save(middle, tmp_path / "middle.safetensors")
    again = sk.load(tmp_path / "middle.safetensors")
    assert list(again.state_dict()) == list(first.state_dict())


def test_constants_that_are_others_are_no_state_of_the_module():
    """Halfway between two programs the constant is neither's."""
    ends = [sk.from_torch(seeded(lambda shift=shift: Constants(shift), 1), points((1, 4, 4))) for shift in (0.5, 0.25)]
    result = sk.certify(ends, sk.Data(points((16,), 2).round(2), np.eye(2)), loss="cross-entropy", tolerance=1e-1)
    assert list(result.path(0).state_dict()) == list(Constants().state_dict())
    with pytest.raises(sk.InputError, match="is a constant of what this network was converted from"):
        result.path(0.5).state_dict()


def test_wrapped_modules_are_looked_through():
    """By DataParallel, and by what a compiled module is."""
    inner = seeded(MODELS["MLP of two layers"][0])

    class Compiled(nn.Module):
        def __init__(self):
            super().__init__()
            self._orig_mod = inner

    for wrapped in (nn.DataParallel(inner), Compiled(), nn.DataParallel(Compiled())):
        network = sk.from_torch(wrapped, torch.zeros(1, 5))
        assert list(network.state_dict()) == list(inner.state_dict())
        assert network.to_torch(wrapped) is wrapped


class Forward(nn.Module):
    """A module of one function, with a linear layer at hand."""

    def __init__(self, function):
        super().__init__()
        self.function, self.fc = function, L(4, 4)

    def forward(self, x):
        return self.function(self, x)


COVERED = {
    "sums and constants": lambda m, x: (2 * x - 1 - torch.ones(4)) / 4 + 3 - m.fc(x) * torch.arange(4.0),
    "shapes": lambda m, x: m.fc(x).view(x.shape[0], 2, 2).transpose(1, 2).permute(0, 2, 1).reshape(-1, 4),
    "axes of size 1": lambda m, x: m.fc(x).unsqueeze(1).squeeze(1).unsqueeze(-1).squeeze(dim=2),
    "sizes computed": lambda m, x: m.fc(x).view(x.size(0), x.size(1) // 2, 2).flatten(1).contiguous().detach(),
    "bias alone": lambda m, x: x + m.fc.bias,
    "unflattened image": lambda m, x: F.max_pool2d(x.view(-1, 1, 2, 2), 2).view(x.size(0), -1),
    "adaptive": lambda m, x: F.adaptive_avg_pool2d(x.view(-1, 1, 2, 2), (2, 1)).flatten(1),
    "the same layer twice": lambda m, x: m.fc(F.relu(m.fc(x))),
    "functional layers": lambda m, x: F.linear(F.dropout(x, training=m.training), m.fc.weight),
    "an unused value": lambda m, x: (m.fc(x), F.relu(x))[0],
    "cut off": lambda m, x: F.relu6(m.fc(9 * x)) - F.hardtanh(x, -1, 2) + x.clamp(min=0.1) - x.clip(max=0.2),
    "leaky": lambda m, x: F.leaky_relu(m.fc(x), 0.3) + F.leaky_relu(x) - 3 * abs(x) + x.abs(),
    "slopes": lambda m, x: F.prelu(m.fc(x), m.fc.bias) - F.prelu(m.fc(x), m.fc.weight[:1, 0].detach()),
    "in place, and nothing reads it": lambda m, x: F.relu(m.fc(x), inplace=True).add_(x),
}  # fmt: skip


@pytest.mark.parametrize("case", COVERED)
def test_functions_and_methods_are_covered(case):
    """Each is held against torch's own outputs by `from_torch` itself; here once more, at another point."""
    module = Forward(COVERED[case]).eval()
    translation = translated(module, points((4,)))
    X = points((4,), seed=2)
    with torch.no_grad():
        theirs = module.double()(torch.tensor(X)).numpy()
    assert (np.abs(translation.graph(X) - theirs) <= translation.bound(X)).all()


def noisy(m, x):
    return x + torch.randn(4)


def doubled(m, x):
    y = x
    x += 1
    return x + y


REFUSED = {
    "gelu": (lambda m, x: F.gelu(m.fc(x)), "node gelu .gelu. is not covered"),
    "attention": (lambda m, x: m.fc(x) @ m.fc(x).t(), "node t .t. is not covered"),
    "product": (lambda m, x: x * m.fc(x), "node mul .mul. multiplies two values"),
    "quotient": (lambda m, x: 1 / x, "divides by a value"),
    "softmax inside": (lambda m, x: m.fc(F.softmax(x, dim=1)), "node fc .module fc, Linear. reads what softmax makes"),
    "softmax over samples": (lambda m, x: F.softmax(x, dim=0), "is covered over the outputs"),
    "mean over samples": (lambda m, x: x - x.mean(0), "node mean .mean. goes over the samples"),
    "dropout always": (lambda m, x: F.dropout(x), "node dropout .dropout. drops at random"),
    "norm of the batch": (lambda m, x: F.batch_norm(x, None, None, training=True), "batch_norm. is not covered"),
    "control flow": (lambda m, x: x if x.sum() > 0 else -x, "cannot be traced by torch.fx"),
    "two outputs": (lambda m, x: (x, m.fc(x)), "returns more than one tensor"),
    "samples joined": (lambda m, x: x.flatten(), "joins samples"),
    "samples mixed": (lambda m, x: torch.cat([x, x], dim=0), "joins samples: an axis behind the first"),
    "samples reshaped": (lambda m, x: x.view(4, -1), "has the sizes"),
    "samples transposed": (lambda m, x: x.transpose(0, 1), "moves the axis of the samples"),
    "part of the samples": (lambda m, x: x[:2], "node getitem .getitem. takes some of the samples"),
    "overwritten behind a part": (
        lambda m, x: [h := m.fc(x), y := h[:, :2], F.relu(h, inplace=True), y][3],
        "reads getitem, which relu has changed",
    ),
    "noise": (noisy, "differ by .* something in it is not what torch.fx sees"),
    "overwritten": (lambda m, x: [y := m.fc(x), F.relu(y, inplace=True) + y][1], "reads fc, which relu has changed"),
    "overwritten where it leaks": (
        lambda m, x: [y := m.fc(x), F.leaky_relu_(y) + y][1],
        "reads fc, which leaky_relu_? has changed",
    ),
    "overwritten by bounds": (lambda m, x: [y := m.fc(x), y.clamp_(0, 1) + y][1], "which clamp_ has changed in place"),
    "bounds that are tensors": (lambda m, x: x.clamp(torch.zeros(4)), "has arguments that are not covered"),
    "overwritten through a view": (
        lambda m, x: [y := m.fc(x), y.view(-1, 2, 2).relu_().flatten(1) + y][1],
        "which relu_ has changed in place",
    ),
    "changed by +=": (doubled, "differ by .* such as noise, hooks or"),
    "windows that overlap": (lambda m, x: F.adaptive_avg_pool2d(x.view(-1, 1, 4, 1), (3, 1)), "whose windows overlap"),
    "indices": (lambda m, x: F.max_pool2d(x.view(-1, 1, 2, 2), 2, 2, 0, 1, False, True)[0], "not covered"),
    "no data": (lambda m, x: m.fc.weight, "returns more than one tensor: one"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_covered_is_refused_by_the_node(case):
    """In one line."""
    function, words = REFUSED[case]
    with pytest.raises(sk.InputError, match=words) as caught:
        sk.from_torch(Forward(function).eval(), points((4,)))
    assert str(caught.value).startswith("Forward")
    assert len(str(caught.value).splitlines()) == 1


MODULES = {
    "layer norm": (nn.LayerNorm(4), r"node _1 \(module 1, LayerNorm\) is not covered"),
    "dropout in training": (nn.Dropout(), r"node _1 \(module 1, Dropout\) drops at random"),
    "normalisation in training": (nn.BatchNorm1d(4), r"\(module 1, BatchNorm1d\) uses the statistics of the batch"),
    "smooth": (nn.ELU(), r"node _1 \(module 1, ELU\) is not covered"),
    "bounds in no order": (nn.ReLU6(), "two numbers in order are needed"),
    "recurrent": (nn.LSTM(4, 4), "is not covered|more than one"),
}


@pytest.mark.parametrize("case", MODULES)
def test_modules_that_are_not_covered_are_refused_by_name(case):
    module, words = MODULES[case]
    if isinstance(module, nn.ReLU6):
        module.min_val = 7.0
    with pytest.raises(sk.InputError, match=words):
        sk.from_torch(S(L(4, 4), module), torch.zeros(2, 4))


def test_hooks_are_refused():
    hooked = S(L(4, 4))
    hooked[0].register_forward_hook(lambda *_: None)
    with pytest.raises(sk.InputError, match="has hooks"):
        sk.from_torch(hooked, torch.zeros(1, 4))


GIVEN = {
    "no module": (lambda: sk.from_torch(3, [[1.0]]), "a torch module is needed, not an object of type int"),
    "no batch": (lambda: sk.from_torch(L(2, 2), [1.0, 2.0]), r"example has shape \(2,\)"),
    "no samples": (lambda: sk.from_torch(L(2, 2), np.zeros((0, 2))), "every dimension must be at least 1"),
    "other width": (lambda: sk.from_torch(S(L(2, 2)), [[1.0]]), "has the weight 0.weight of shape"),
    "weights of NaN": (lambda: sk.from_torch(poisoned(), [[1.0, 2.0]]), "weight has NaN"),
    "another module": (lambda: sk.from_torch(S(L(2, 2)), [[1.0, 2.0]]).to_torch(L(2, 2)), "the module has no 0.weight"),
    "a wider module": (lambda: sk.from_torch(S(L(2, 2)), [[1.0, 2.0]]).to_torch(S(L(2, 3))), r"0.weight is \(3, 2\)"),
    "a longer module": (lambda: sk.from_torch(S(L(2, 2)), [[1.0, 2.0]]).to_torch(S(L(2, 2), L(2, 2))), "has 1.weight"),
    "into no module": (lambda: sk.from_torch(S(L(2, 2)), [[1.0, 2.0]]).to_torch({}), "a torch module is needed"),
}  # fmt: skip


def poisoned():
    module = S(L(2, 2))
    nn.init.constant_(module[0].weight, float("nan"))
    return module


@pytest.mark.parametrize("case", GIVEN)
def test_unusable_arguments_are_one_plain_sentence(case):
    ask, words = GIVEN[case]
    with pytest.raises(sk.InputError, match=words):
        ask()


def test_tied_weights_are_one_parameter():
    """Under its first name; the module that shares them takes them back."""
    module = seeded(lambda: S(L(3, 3), nn.ReLU(), L(3, 3)))
    module[2].weight = module[0].weight
    network = sk.from_torch(module, torch.zeros(1, 3))
    assert (network.kind, list(network.state_dict())) == ("graph", ["0.weight", "0.bias", "2.bias"])
    assert network.to_torch(module) is module


def test_a_wrong_translation_is_found(monkeypatch):
    """Planted: a ReLU that is none."""
    monkeypatch.setattr(Steps, "relu", lambda self, input, inplace=False: Value(input.node))
    with pytest.raises(sk.InputError, match="something in it is not what"):
        sk.from_torch(seeded(MODELS["MLP of two layers"][0]), points((5,)))


def test_a_graph_is_saved_and_asked_about(tmp_path):
    """From memory and from its file it is the same; what depth is about it has not."""
    network = sk.from_torch(seeded(modules.ResidualMLP), torch.zeros(1, 64))
    data = sk.Data(np.zeros((1, 64)), np.zeros((1, 10)))
    sk.save(network, tmp_path / "net.safetensors")
    assert sk.load(tmp_path / "net.safetensors").identical(network)
    assert read_network(tmp_path / "net.safetensors").identical(network)
    assert sk.connect(network, tmp_path / "net.safetensors", data).proved
    for asked in (network, tmp_path / "net.safetensors"):
        with pytest.raises(
            sk.InputError, match="depth is about the features of a first layer: this graph's readout reads"
        ):
            sk.depth(asked, data)
    with pytest.raises(sk.InputError, match=r"ends in \.safetensors"):
        sk.save(network, tmp_path / "net.npz")
