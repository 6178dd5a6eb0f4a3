"""The peer benchmark in JAX: compiled, with the linearization kept."""

import workloads as w

THREADS = w.limit_threads()

import jax
import jax.numpy as jnp
import numpy as np


def logits(parameters, x):
    for layer in range(0, len(parameters) - 2, 2):
        x = jnp.tanh(x @ parameters[layer].T + parameters[layer + 1])
    return x @ parameters[-2].T + parameters[-1]


def loss(parameters, x, y):
    out = logits(parameters, x)
    return jnp.mean(jax.nn.logsumexp(out, axis=1) - jnp.take_along_axis(out, y[:, None], axis=1)[:, 0])


def setup(network):
    x, y = w.inputs(network)
    return tuple(map(jnp.asarray, w.parameters(network))), jnp.asarray(x), jnp.asarray(y)


def variant(function, *arguments, check=lambda out: w.norm(jax.tree.leaves(out))):
    """A run that waits for its result, and its check."""
    return (lambda: jax.block_until_ready(function(*arguments)), lambda: check(function(*arguments)))


def gradient(network):
    return {"jit": variant(jax.jit(jax.grad(loss)), *setup(network))}, 1


def fresh(p, x, y, v):
    """A Hessian-vector product that keeps nothing."""
    return jax.jvp(lambda q: jax.grad(loss)(q, x, y), (p,), (v,))[1]


def product(network, count):
    parameters, x, y = setup(network)
    columns = zip(*w.vectors(network, count))
    block = tuple(jnp.asarray(np.stack(column)) for column in columns)
    one = tuple(part[0] for part in block)
    linearized = jax.jit(lambda p, x, y: jax.linearize(lambda q: jax.grad(loss)(q, x, y), p)[1])(parameters, x, y)

    if count == 1:
        return {
            "kept linearization": variant(jax.jit(lambda f, v: f(v)), linearized, one),
            "jvp of grad": variant(jax.jit(fresh), parameters, x, y, one),
        }, 1
    batched = jax.vmap(fresh, in_axes=(None, None, None, 0))
    return {
        "kept linearization, vmap": variant(jax.jit(lambda f, v: jax.vmap(f)(v)), linearized, block),
        "kept linearization, map": variant(jax.jit(lambda f, v: jax.lax.map(f, v)), linearized, block),
        "jvp of grad, vmap": variant(jax.jit(batched), parameters, x, y, block),
    }, count


def plane(network):
    parameters, x, y = setup(network)
    first, second = (tuple(map(jnp.asarray, d)) for d in w.directions(network))
    a, b = (jnp.asarray(c.ravel()) for c in np.meshgrid(w.grid(), w.grid(), indexing="ij"))

    def losses(chunk):
        @jax.jit
        def run(parameters, first, second, x, y, a, b):
            def at(point):
                s, t = point
                return loss([p + s * d + t * e for p, d, e in zip(parameters, first, second)], x, y)

            return jax.lax.map(at, (a, b), batch_size=chunk)

        return variant(run, parameters, first, second, x, y, a, b, check=lambda out: float(np.asarray(out, dtype=np.float64).mean()))

    return {f"map in chunks of {chunk}": losses(chunk) for chunk in (None, 3, 17)}, 1


def steps(network):
    parameters, x, y = setup(network)
    indices = jnp.asarray(w.batches(network))

    def step(state, batch):
        parameters, mean, square, time = state
        time = time + 1
        slope = jax.grad(loss)(parameters, x[batch], y[batch])
        mean = jax.tree.map(lambda m, g: w.BETA1 * m + (1 - w.BETA1) * g, mean, slope)
        square = jax.tree.map(lambda s, g: w.BETA2 * s + (1 - w.BETA2) * g * g, square, slope)
        first, second = 1 - w.BETA1**time, 1 - w.BETA2**time
        parameters = jax.tree.map(
            lambda p, m, s: p - w.LEARNING_RATE * (m / first) / (jnp.sqrt(s / second) + w.EPSILON),
            parameters,
            mean,
            square,
        )
        return (parameters, mean, square, time), None

    @jax.jit
    def train(parameters, indices):
        zeros = jax.tree.map(jnp.zeros_like, parameters)
        return jax.lax.scan(step, (parameters, zeros, zeros, jnp.float32(0)), indices)[0][0]

    check = lambda trained: float(loss(trained, x, y))
    return {"scan": variant(train, parameters, indices, check=check)}, len(indices)




def first_product(network):
    parameters, x, y = setup(network)
    one = tuple(map(jnp.asarray, w.vectors(network, 1)[0]))
    return {"jvp of grad": variant(jax.jit(fresh), parameters, x, y, one)}, None


w.main(
    "jax",
    {
        "digits-gradient": lambda: gradient(w.DIGITS),
        "digits-product": lambda: product(w.DIGITS, 1),
        "digits-product-block": lambda: product(w.DIGITS, w.BLOCK),
        "digits-plane": lambda: plane(w.DIGITS),
        "digits-steps": lambda: steps(w.DIGITS),
        "mlp-gradient": lambda: gradient(w.MLP),
        "mlp-product": lambda: product(w.MLP, 1),
        "mlp-product-block": lambda: product(w.MLP, w.BLOCK),
        "first-product": lambda: first_product(w.DIGITS),
    },
)
