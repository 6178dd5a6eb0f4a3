"""The networks in JAX, as functions of a list of parameters."""

import math

import jax
import jax.numpy as jnp
import numpy as np

import workloads as w

EPSILON = 1e-5


class Setting:
    """A network with its data and its point; images with their channels last where that is asked for."""

    def __init__(self, task, channels_last=False):
        self.network, self.last = task.network, channels_last
        x, y = w.inputs(task.network, task.quantity)
        self.x = jnp.asarray(x.transpose(0, 2, 3, 1) if channels_last else x)
        self.y = jnp.asarray(y.ravel())
        self.parameters = self.arrays(w.parameters(task.network))
        self.statistics = [tuple(map(jnp.asarray, pair)) for pair in w.statistics(task.network)]
        self.forward = {"mlp": mlp, "lenet5": lenet5, "resnet20": resnet20, "gpt": gpt}[task.network.kind]

    def arrays(self, parts):
        """Blocks as JAX arrays; kernels as height, width, in, out where channels are last."""
        kernels = lambda part: part.transpose(2, 3, 1, 0) if self.last and part.ndim == 4 else part
        return tuple(jnp.asarray(kernels(part)) for part in parts)

    def vectors(self, count):
        """A block of vectors, stacked along a first axis."""
        rows = [self.arrays(vector) for vector in w.vectors(self.network, count)]
        return tuple(map(jnp.stack, zip(*rows)))

    def vector(self):
        return self.arrays(w.vectors(self.network, 1)[0])

    def data(self):
        """What a compiled function takes beside parameters: the data, which must not become constants of it."""
        return self.x, self.y, self.statistics

    def logits(self, parameters, data):
        return self.forward(parameters, data[0], data[2], self.last)

    def loss_of(self, logits, data):
        picked = jnp.take_along_axis(logits, data[1][:, None], axis=1)[:, 0]
        return jnp.mean(jax.nn.logsumexp(logits, axis=1) - picked)

    def loss(self, parameters, data):
        return self.loss_of(self.logits(parameters, data), data)


def mlp(parameters, x, *_):
    for layer in range(0, len(parameters) - 2, 2):
        x = jnp.tanh(x @ parameters[layer].T + parameters[layer + 1])
    return x @ parameters[-2].T + parameters[-1]


def convolve(x, kernel, last, stride=1, padding=0):
    layout = ("NHWC", "HWIO", "NHWC") if last else ("NCHW", "OIHW", "NCHW")
    margins = [(padding, padding)] * 2
    return jax.lax.conv_general_dilated(x, kernel, (stride, stride), margins, dimension_numbers=layout)


def channels(vector, last):
    return vector if last else vector[:, None, None]


def pool(x, last):
    window = (1, 2, 2, 1) if last else (1, 1, 2, 2)
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")


def lenet5(parameters, x, _, last):
    c1, b1, c2, b2, *dense = parameters
    x = pool(jax.nn.relu(convolve(x, c1, last, padding=2) + channels(b1, last)), last)
    x = pool(jax.nn.relu(convolve(x, c2, last) + channels(b2, last)), last)
    x = (x.transpose(0, 3, 1, 2) if last else x).reshape(x.shape[0], -1)
    x = jax.nn.relu(x @ dense[0].T + dense[1])
    x = jax.nn.relu(x @ dense[2].T + dense[3])
    return x @ dense[4].T + dense[5]


def resnet20(parameters, x, statistics, last):
    parameters, statistics = iter(parameters), iter(statistics)
    plane = (1, 2) if last else (2, 3)

    def convolution(x, stride=1):
        """A 3 x 3 convolution without bias and its normalization: `statistics`, or those of the batch."""
        x = convolve(x, next(parameters), last, stride, padding=1)
        axes = (0, *plane)
        mean, variance = next(statistics, None) or (jnp.mean(x, axes), jnp.var(x, axes))
        factor = next(parameters) * jax.lax.rsqrt(variance + EPSILON)
        return (x - channels(mean, last)) * channels(factor, last) + channels(next(parameters), last)

    x = jax.nn.relu(convolution(x))
    for stage, width in enumerate(w.STAGES):
        for block in range(w.BLOCKS):
            first = stage > 0 and block == 0
            residual = convolution(jax.nn.relu(convolution(x, stride=2 if first else 1)))
            if first:
                margins = [(0, 0)] * 4
                margins[3 if last else 1] = (width // 4, width // 4)
                x = jnp.pad(x[:, ::2, ::2] if last else x[:, :, ::2, ::2], margins)
            x = jax.nn.relu(x + residual)
    return x.mean(plane) @ next(parameters).T + next(parameters)


def gpt(parameters, tokens, *_):
    parameters = iter(parameters)
    rows, length = tokens.shape
    size = w.WIDTH // w.HEADS
    hidden = np.triu(np.ones((length, length), dtype=bool), 1)

    def normalized(x):
        mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(variance + EPSILON) * next(parameters) + next(parameters)

    def dense(x):
        return x @ next(parameters).T + next(parameters)

    embedding, positions = next(parameters), next(parameters)
    x = embedding[tokens] + positions
    for _ in range(w.LAYERS):
        heads = dense(normalized(x)).reshape(rows, length, 3, w.HEADS, size)
        queries, keys, values = heads.transpose(2, 0, 3, 1, 4)
        scores = (queries @ keys.swapaxes(-1, -2)) / math.sqrt(size)
        weights = jax.nn.softmax(jnp.where(hidden, -jnp.inf, scores), axis=-1)
        x = x + dense((weights @ values).swapaxes(1, 2).reshape(rows, length, w.WIDTH))
        x = x + dense(jax.nn.gelu(dense(normalized(x)), approximate=True))
    return (normalized(x) @ embedding.T).reshape(rows * length, -1)
