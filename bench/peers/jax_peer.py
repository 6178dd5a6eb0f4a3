"""The peer benchmark in JAX: compiled, with linearizations kept or made for each product."""

import harness
import workloads as w

TASK = harness.Task("jax", w.QUANTITIES)

import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
from jax_networks import Setting

TASK.version = f"jax {jax.__version__}"
TASK.compiles = True

# Layouts that are tried: images may have their channels last.
FORMATS = {"": False} | ({", channels last": True} if TASK.network.images else {})


def parts_norm(out):
    return w.norm(jax.tree.leaves(out))


def variant(function, *arguments, check=parts_norm):
    """A run that waits for its result, and its check."""
    return lambda: jax.block_until_ready(function(*arguments)), lambda: check(function(*arguments))


def variants(**makers):
    """Every maker with every layout; a maker takes a setting and returns (run, check)."""

    def prepare(maker, last):
        return lambda: maker(Setting(TASK, last))

    return {
        name.replace("_", " ") + suffix: prepare(maker, last)
        for name, maker in makers.items()
        for suffix, last in FORMATS.items()
    }


def hessian(setting):
    """A product that keeps nothing: jvp of grad."""

    def product(parameters, data, vector):
        slope = lambda p: jax.grad(setting.loss)(p, data)
        return jax.jvp(slope, (parameters,), (vector,))[1]

    return product


def hessian_kept(setting):
    """The linearization of the gradient, an argument of the products from it, and how to apply it."""

    @jax.jit
    def linearized(parameters, data):
        return jax.linearize(lambda p: jax.grad(setting.loss)(p, data), parameters)[1]

    return linearized(setting.parameters, setting.data()), lambda tangent, vector: tangent(vector)


def ggn(setting):
    """J' H J v by jvp, jvp of grad, and vjp."""

    def product(parameters, data, vector):
        forward = lambda p: setting.logits(p, data)
        logits, pushed = jax.jvp(forward, (parameters,), (vector,))
        slope = jax.grad(lambda z: setting.loss_of(z, data))
        _, curved = jax.jvp(slope, (logits,), (pushed,))
        return jax.vjp(forward, parameters)[1](curved)[0]

    return product


def ggn_kept(setting):
    """The same from the linearizations of the logits and of the loss's slope."""

    @jax.jit
    def linearized(parameters, data):
        logits, push = jax.linearize(lambda p: setting.logits(p, data), parameters)
        return push, jax.linearize(jax.grad(lambda z: setting.loss_of(z, data)), logits)[1]

    def product(tangents, vector):
        push, curve = tangents
        return jax.linear_transpose(push, vector)(curve(push(vector)))[0]

    return linearized(setting.parameters, setting.data()), product


def fresh(operator):
    """The operator, made for each product, times vector 0."""

    def maker(setting):
        product = jax.jit(operator(setting))
        return variant(product, setting.parameters, setting.data(), setting.vector())

    return maker


def kept(operator):
    """The operator, made once, times vector 0."""

    def maker(setting):
        tangents, product = operator(setting)
        return variant(jax.jit(product), tangents, setting.vector())

    return maker


def gradient():
    slope = lambda setting: variant(jax.jit(jax.grad(setting.loss)), setting.parameters, setting.data())
    return variants(jit_of_grad=slope), 1


def product():
    return variants(kept_linearization=kept(hessian_kept), jvp_of_grad=fresh(hessian)), 1


def ggn_product():
    return variants(kept_linearizations=kept(ggn_kept), jvp_and_vjp=fresh(ggn)), 1


def block():
    def mapped(transform):
        def maker(setting):
            tangents, one = hessian_kept(setting)
            many = jax.jit(lambda f, rows: transform(lambda row: one(f, row), rows))
            return variant(many, tangents, setting.vectors(w.BLOCK))

        return maker

    def remade(setting):
        many = jax.jit(jax.vmap(hessian(setting), in_axes=(None, None, 0)))
        return variant(many, setting.parameters, setting.data(), setting.vectors(w.BLOCK))

    return variants(
        vmap_of_a_kept_linearization=mapped(lambda one, rows: jax.vmap(one)(rows)),
        map_of_a_kept_linearization=mapped(jax.lax.map),
        vmap_of_jvp_of_grad=remade,
    ), w.BLOCK


def lanczos(setting, steps, stage=20):
    """The process of Lanczos with full reorthogonalization, repeated where it cancels; see README.md.

    A compiled program has fixed shapes, so a stage of 20 steps is one, which sees the basis that it will fill.
    """
    tangents, product = hessian_kept(setting)
    flat, unravel = jax.flatten_util.ravel_pytree(setting.vector())

    def step(k, state):
        tangents, basis, alphas, betas = state
        last = basis[k]
        new = jax.flatten_util.ravel_pytree(product(tangents, unravel(last)))[0]
        alpha = last @ new
        new = new - alpha * last - jnp.where(k > 0, betas[k - 1], 0.0) * basis[k - 1]

        def project(pair):
            new, norm, _ = pair
            new = new - (basis @ new) @ basis
            return new, jnp.linalg.norm(new), norm

        first = project((new, jnp.linalg.norm(new), 0.0))
        new, norm, _ = jax.lax.while_loop(lambda s: s[1] < 0.5**0.5 * s[2], project, first)
        return tangents, basis.at[k + 1].set(new / norm), alphas.at[k].set(alpha), betas.at[k].set(norm)

    @jax.jit
    def run_stage(start, end, state):
        return jax.lax.fori_loop(start, end, step, state)

    def run(steps=steps):
        basis = (flat / jnp.linalg.norm(flat))[None]
        state = tangents, basis, jnp.zeros(steps), jnp.zeros(steps)
        for start in range(0, steps, stage):
            end = min(start + stage, steps)
            tangents_, basis, alphas, betas = state
            basis = jnp.pad(basis, ((0, end + 1 - len(basis)), (0, 0)))
            state = run_stage(start, end, (tangents_, basis, alphas, betas))
        return jax.block_until_ready(state[2:])

    return run


def spectrum():
    def maker(setting):
        run = lanczos(setting, TASK.network.steps)
        return run, lambda: w.largest_ritz(*run())

    return variants(kept_linearization_in_a_loop=maker), TASK.network.steps


def plane():
    a, b = map(jnp.asarray, w.grid(TASK.network))

    def chunked(size):
        def maker(setting):
            first, second = map(setting.arrays, w.directions(setting.network))

            @jax.jit
            def run(parameters, first, second, data, a, b):
                def at(point):
                    s, t = point
                    moved = [p + s * d + t * e for p, d, e in zip(parameters, first, second)]
                    return setting.loss(moved, data)

                return jax.lax.map(at, (a, b), batch_size=size)

            mean = lambda out: float(np.asarray(out, dtype=np.float64).mean())
            return variant(run, setting.parameters, first, second, setting.data(), a, b, check=mean)

        return maker

    return variants(map=chunked(None), map_in_chunks_of_3=chunked(3), map_in_chunks_of_17=chunked(17)), len(a)


def steps():
    indices = jnp.asarray(w.batches(TASK.network))

    def maker(setting):
        x, y, _ = setting.data()

        def step(state, batch):
            parameters, mean, square, time = state
            time = time + 1
            slope = jax.grad(setting.loss)(parameters, (x[batch], y[batch], []))
            mean = jax.tree.map(lambda m, g: w.BETA1 * m + (1 - w.BETA1) * g, mean, slope)
            square = jax.tree.map(lambda s, g: w.BETA2 * s + (1 - w.BETA2) * g * g, square, slope)
            first, second = 1 - w.BETA1**time, 1 - w.BETA2**time

            def moved(p, m, s):
                return p - w.LEARNING_RATE * (m / first) / (jnp.sqrt(s / second) + w.EPSILON)

            return (jax.tree.map(moved, parameters, mean, square), mean, square, time), None

        @jax.jit
        def train(parameters, indices):
            zeros = jax.tree.map(jnp.zeros_like, parameters)
            return jax.lax.scan(step, (parameters, zeros, zeros, jnp.float32(0)), indices)[0][0]

        check = lambda trained: float(setting.loss(trained, setting.data()))
        return variant(train, setting.parameters, indices, check=check)

    return variants(scan=maker), len(indices)


def first_product():
    return variants(jvp_of_grad=fresh(hessian)), 1


RUNS = (gradient, product, block, ggn_product, spectrum, plane, steps, first_product)
TASK.report(*dict(zip(w.QUANTITIES, RUNS))[TASK.quantity]())
