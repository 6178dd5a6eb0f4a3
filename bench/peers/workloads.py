"""The networks of the peer benchmark, and the numbers that every program makes for itself.

The numbers come from SplitMix64 (Steele, Lea and Flood 2014), so that a program in any language makes the
same arrays and its `check` can be compared. README.md defines networks, arrays and workloads.
"""

from dataclasses import dataclass, field

QUANTITIES = (
    "gradient",
    "product",
    "product-block",
    "ggn",
    "lanczos",
    "plane",
    "steps",
    "first-product",
)

BLOCK = 8
GRID = 51
BATCH = 64
EPOCHS = 10
LEARNING_RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8

# Streams of random numbers, one for each purpose.
INPUTS, PARAMETERS, VECTORS, DIRECTIONS, MEANS, VARIANCES, SHUFFLES = 1, 2, 3, 4, 5, 6, 100


@dataclass(frozen=True)
class Network:
    """A network with the sizes at which its quantities are measured."""

    name: str
    kind: str
    examples: int
    # Shape of an example; a sequence of tokens for `gpt`.
    shape: tuple
    classes: int = 10
    widths: tuple = ()
    # Quantities that use another number of examples.
    more: dict = field(default_factory=dict, hash=False)
    # Steps of Lanczos, and every how many-th line of the 51 x 51 grid is evaluated.
    steps: int = 100
    stride: int = 1
    # Whether normalization uses (and differentiates through) the statistics of the batch.
    batch_statistics: bool = False

    def count(self, quantity):
        """Number of examples for a quantity."""
        return self.more.get(quantity, self.examples)

    @property
    def images(self):
        return len(self.shape) == 3


def _mlp(name, widths, examples, **options):
    return Network(name, "mlp", examples, widths[:1], widths=widths, **options)


def _resnet(name, **options):
    more = {"plane": 512, "lanczos": 512}
    return Network(name, "resnet20", 128, (3, 32, 32), more=more, steps=5, stride=25, **options)


NETWORKS = {
    network.name: network
    for network in (
        _mlp("digits", (64, 32, 10), 1797),
        _mlp("mlp", (784, 512, 512, 10), 256, stride=5),
        _mlp("mlp-2048", (784, 512, 512, 10), 2048, stride=10),
        Network("lenet5", "lenet5", 256, (1, 28, 28), more={"plane": 2048}, stride=25),
        _resnet("resnet20"),
        _resnet("resnet20-batch", batch_statistics=True),
        Network("gpt", "gpt", 16, (64,), classes=96, stride=10),
    )
}

# GPT: layers, width, heads.
LAYERS, WIDTH, HEADS = 2, 128, 4
# ResNet-20: channels of the stages, and blocks in each.
STAGES, BLOCKS = (16, 32, 64), 3


def layout(network):
    """Names and shapes of the parameter blocks, in order."""
    if network.kind == "mlp":
        pairs = zip(network.widths, network.widths[1:])
        return [block for i, (width, out) in enumerate(pairs) for block in _dense(f"fc{i}", width, out)]
    if network.kind == "lenet5":
        convolutions = [("conv1.weight", (6, 1, 5, 5)), ("conv1.bias", (6,))]
        convolutions += [("conv2.weight", (16, 6, 5, 5)), ("conv2.bias", (16,))]
        return convolutions + _dense("fc1", 400, 120) + _dense("fc2", 120, 84) + _dense("fc3", 84, 10)
    if network.kind == "resnet20":
        blocks = [("conv1.weight", (STAGES[0], 3, 3, 3))] + _norm("bn1", STAGES[0])
        channels = STAGES[0]
        for stage, out in enumerate(STAGES, 1):
            for block in range(BLOCKS):
                for i, width in ((1, channels), (2, out)):
                    name = f"layer{stage}.{block}"
                    blocks += [(f"{name}.conv{i}.weight", (out, width, 3, 3))] + _norm(f"{name}.bn{i}", out)
                channels = out
        return blocks + _dense("fc", channels, 10)
    blocks = [("wte.weight", (network.classes, WIDTH)), ("wpe.weight", (network.shape[0], WIDTH))]
    for layer in range(LAYERS):
        name = f"h{layer}"
        blocks += _norm(f"{name}.ln1", WIDTH)
        blocks += _dense(f"{name}.qkv", WIDTH, 3 * WIDTH) + _dense(f"{name}.out", WIDTH, WIDTH)
        blocks += _norm(f"{name}.ln2", WIDTH)
        blocks += _dense(f"{name}.up", WIDTH, 4 * WIDTH) + _dense(f"{name}.down", 4 * WIDTH, WIDTH)
    return blocks + _norm("lnf", WIDTH)


def _dense(name, width, out):
    return [(f"{name}.weight", (out, width)), (f"{name}.bias", (out,))]


def _norm(name, channels):
    return [(f"{name}.weight", (channels,)), (f"{name}.bias", (channels,))]


def splitmix(stream, count):
    """`count` 64-bit numbers: SplitMix64's output at the counters stream * 2^32 + 0, 1, ..."""
    import numpy as np

    z = (np.uint64(stream << 32) + np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(stream, count):
    """`count` numbers in [0, 1), multiples of 2^-24, exact in f32."""
    import numpy as np

    return (splitmix(stream, count) >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)


def signed(stream, count):
    """`count` numbers in [-1, 1), exact in f32."""
    import numpy as np

    return uniform(stream, count) * np.float32(2) - np.float32(1)


def inputs(network, quantity):
    """Examples and their classes: inputs in [0, 1) with classes 0 ... 9, 0 ...; or tokens and their successors."""
    import numpy as np

    count = network.count(quantity)
    if network.kind == "gpt":
        length = network.shape[0] + 1
        tokens = (splitmix(INPUTS, count * length) >> np.uint64(40)) * np.uint64(network.classes) >> np.uint64(24)
        tokens = tokens.astype(np.int32).reshape(count, length)
        return tokens[:, :-1].copy(), tokens[:, 1:].copy()
    shape = (count, *network.shape)
    return uniform(INPUTS, int(np.prod(shape))).reshape(shape), (np.arange(count) % 10).astype(np.int32)


def split(network, flat):
    """Cuts a flat vector into the parameter blocks."""
    import math

    parts, start = [], 0
    for _, shape in layout(network):
        count = math.prod(shape)
        parts.append(flat[start : start + count].reshape(shape))
        start += count
    return parts


def dimension(network):
    """Number of parameters."""
    import math

    return sum(math.prod(shape) for _, shape in layout(network))


def parameters(network):
    """The point: weights and biases in [-1, 1) / sqrt(fan-in), normalizations' scales in [0.9, 1.1), shifts in [-0.1, 0.1)."""
    import math

    import numpy as np

    parts, fan = [], None
    for (name, shape), part in zip(layout(network), split(network, signed(PARAMETERS, dimension(network)))):
        if name.endswith("weight"):
            fan = math.prod(shape[1:]) if len(shape) > 1 else None
        if fan is not None:
            parts.append(part / np.sqrt(np.float32(fan)))
        else:
            tenth = part / np.float32(10)
            parts.append(tenth + np.float32(1) if name.endswith("weight") else tenth)
    return parts


def statistics(network):
    """The frozen mean and variance of each batch normalization; nothing where those of the batch are used."""
    import numpy as np

    if network.kind != "resnet20" or network.batch_statistics:
        return []
    sizes = [shape[0] for name, shape in layout(network) if "bn" in name and name.endswith("weight")]
    ends = np.cumsum(sizes)[:-1]
    means = signed(MEANS, sum(sizes)) / np.float32(10)
    variances = uniform(VARIANCES, sum(sizes)) + np.float32(0.5)
    return list(zip(np.split(means, ends), np.split(variances, ends)))


def vectors(network, count, stream=VECTORS):
    """`count` vectors with entries in [-1, 1), each cut like the parameters."""
    n = dimension(network)
    return [split(network, row) for row in signed(stream, count * n).reshape(count, n)]


def grid(network):
    """The coordinates (a, b) of the plane's points that are evaluated, row by row."""
    import numpy as np

    axis = np.linspace(-1, 1, GRID, dtype=np.float32)[:: network.stride]
    return [part.ravel() for part in np.meshgrid(axis, axis, indexing="ij")]


def directions(network):
    """Two directions of the plane: vectors divided by the square root of the dimension."""
    import numpy as np

    root = np.sqrt(np.float32(dimension(network)))
    return [[part / root for part in vector] for vector in vectors(network, 2, DIRECTIONS)]


def batches(network):
    """The examples of every step [steps, BATCH]: each epoch sorts them by a stream of its own; a rest is dropped."""
    import numpy as np

    steps = network.examples // BATCH
    orders = [np.argsort(splitmix(SHUFFLES + epoch, network.examples), kind="stable") for epoch in range(EPOCHS)]
    return np.concatenate([order[: steps * BATCH].reshape(steps, BATCH) for order in orders]).astype(np.int32)


def norm(parts):
    """The Euclidean norm of everything in `parts`, in f64."""
    import numpy as np

    return float(np.sqrt(sum(np.square(np.asarray(part, dtype=np.float64)).sum() for part in parts)))


def largest_ritz(alphas, betas):
    """The largest eigenvalue of Lanczos' tridiagonal matrix, in f64."""
    import numpy as np

    alphas, betas = (np.asarray(part, dtype=np.float64) for part in (alphas, betas))
    k = len(alphas)
    matrix = np.diag(alphas) + np.diag(betas[: k - 1], 1) + np.diag(betas[: k - 1], -1)
    return float(np.linalg.eigvalsh(matrix)[-1])
