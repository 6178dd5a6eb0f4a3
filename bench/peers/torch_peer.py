"""The peer benchmark in PyTorch: eager, `torch.func` and, if asked for, `torch.compile`."""

import harness
import workloads as w

TASK = harness.Task("torch", w.QUANTITIES)

import functools
import warnings

import numpy as np
import torch
from torch.func import grad, jvp, linearize, vjp, vmap
from torch_networks import Setting

torch.set_num_threads(TASK.threads)
torch.set_num_interop_threads(1)
warnings.simplefilter("ignore")  # `linearize` and others announce changes that do not matter here
TASK.version = f"torch {torch.__version__.partition('+')[0]}"

# Memory formats that are tried: images may have their channels last.
FORMATS = {"": False} | ({", channels last": True} if TASK.network.images else {})


def parts_norm(parts):
    return w.norm(part.detach().numpy() for part in parts)


def rows_norm(rows):
    return w.norm([parts_norm(row) for row in rows])


def variant(function, check=parts_norm):
    return function, lambda: check(function())


def variants(**makers):
    """Every maker with every memory format; a maker takes a setting and returns (run, check)."""

    def prepare(maker, last):
        return lambda: maker(Setting(TASK, channels_last=last))

    return {
        name.replace("_", " ") + suffix: prepare(maker, last)
        for name, maker in makers.items()
        for suffix, last in FORMATS.items()
    }


def compiled(**makers):
    return makers if TASK.compile else {}


def hessian_kept(setting):
    """Products by differentiating a gradient whose graph is kept."""
    leaves = setting.leaves()
    slope = torch.autograd.grad(setting.loss(leaves), leaves, create_graph=True)
    return lambda vector: torch.autograd.grad(slope, leaves, vector, retain_graph=True)


def hessian_rebuilt(setting):
    """Products by differentiating a gradient that is made for each."""
    leaves = setting.leaves()

    def product(vector):
        slope = torch.autograd.grad(setting.loss(leaves), leaves, create_graph=True)
        return torch.autograd.grad(slope, leaves, vector)

    return product


def hessian_forward(setting):
    """Products by a forward derivative of the gradient."""
    slope = grad(setting.loss)
    return lambda vector: jvp(slope, (setting.parameters,), (vector,))[1]


def hessian_linearized(setting):
    return linearize(grad(setting.loss), setting.parameters)[1]


def ggn_kept(setting):
    """J' H J v with kept graphs; J v is the derivative of J' u with respect to u (Townsend 2017)."""
    leaves = setting.leaves()
    logits = setting.logits(leaves)
    dummy = torch.zeros_like(logits, requires_grad=True)
    pulled = torch.autograd.grad(logits, leaves, dummy, create_graph=True)
    outputs = logits.detach().requires_grad_()
    (slope,) = torch.autograd.grad(setting.loss_of(outputs), outputs, create_graph=True)

    def product(vector):
        (pushed,) = torch.autograd.grad(pulled, dummy, vector, retain_graph=True)
        (curved,) = torch.autograd.grad(slope, outputs, pushed, retain_graph=True)
        return torch.autograd.grad(logits, leaves, curved, retain_graph=True)

    return product


def ggn_functional(setting):
    """J' H J v by jvp, jvp of grad, and vjp."""

    def product(vector):
        logits, pushed = jvp(setting.logits, (setting.parameters,), (vector,))
        _, curved = jvp(grad(setting.loss_of), (logits,), (pushed,))
        return vjp(setting.logits, setting.parameters)[1](curved)[0]

    return product


def ggn_linearized(setting):
    """J' H J v with the linearizations of logits and slope kept, and the vjp's graph."""
    logits, push = linearize(setting.logits, setting.parameters)
    _, curve = linearize(grad(setting.loss_of), logits)
    pull = vjp(setting.logits, setting.parameters)[1]
    return lambda vector: pull(curve(push(vector)))[0]


def one(operator):
    """The operator times vector 0."""

    def maker(setting):
        product, (vector,) = operator(setting), setting.vectors(1)
        return variant(lambda: product(vector))

    return maker


def looped(operator):
    """The operator times a block, vector by vector."""

    def maker(setting):
        product, block = operator(setting), setting.vectors(w.BLOCK)
        return variant(lambda: [product(vector) for vector in block], rows_norm)

    return maker


def mapped(operator):
    """The operator times a block, by vmap."""

    def maker(setting):
        block = tuple(map(torch.stack, zip(*setting.vectors(w.BLOCK))))
        product = vmap(operator(setting))
        return variant(lambda: product(block))

    return maker


def batched(setting):
    """A block by double backward, the cotangents batched."""
    block = tuple(map(torch.stack, zip(*setting.vectors(w.BLOCK))))
    leaves = setting.leaves()
    slope = torch.autograd.grad(setting.loss(leaves), leaves, create_graph=True)
    return variant(lambda: torch.autograd.grad(slope, leaves, block, retain_graph=True, is_grads_batched=True))


def by_compiler(operator):
    """An operator compiled by torch.compile."""
    return lambda setting: torch.compile(operator(setting))


def gradient():
    def eager(setting):
        leaves = setting.leaves()
        return variant(lambda: torch.autograd.grad(setting.loss(leaves), leaves))

    def by_compile(setting):
        slope = torch.compile(grad(setting.loss))
        return variant(lambda: slope(setting.parameters))

    return variants(backward=eager, **compiled(torch_compile=by_compile)), 1


def product():
    return variants(
        kept_linearization=one(hessian_linearized),
        double_backward_with_a_kept_graph=one(hessian_kept),
        double_backward=one(hessian_rebuilt),
        jvp_of_grad=one(hessian_forward),
        **compiled(torch_compile_of_jvp_of_grad=one(by_compiler(hessian_forward))),
    ), 1


def block():
    return variants(
        kept_linearization_in_a_loop=looped(hessian_linearized),
        double_backward_with_a_kept_graph_in_a_loop=looped(hessian_kept),
        double_backward_with_a_kept_graph_batched=batched,
        vmap_of_a_kept_linearization=mapped(hessian_linearized),
        vmap_of_jvp_of_grad=mapped(hessian_forward),
    ), w.BLOCK


def ggn():
    return variants(
        kept_linearizations=one(ggn_linearized),
        kept_graphs=one(ggn_kept),
        jvp_and_vjp=one(ggn_functional),
        **compiled(torch_compile_of_jvp_and_vjp=one(by_compiler(ggn_functional))),
    ), 1


def lanczos(operator, setting, steps):
    """The process of Lanczos with full reorthogonalization, repeated where it cancels; see README.md."""
    product, (start,) = operator(setting), setting.vectors(1)
    flat = torch.cat([part.flatten() for part in start])
    basis = torch.empty(steps + 1, len(flat))
    basis[0] = flat / flat.norm()
    alphas, betas = [], []
    for k in range(steps):
        parts = tuple(w.split(setting.network, basis[k]))
        new = torch.cat([part.flatten() for part in product(parts)])
        alpha = torch.dot(basis[k], new)
        new -= alpha * basis[k]
        if k > 0:
            new -= betas[-1] * basis[k - 1]
        norm, before = new.norm(), None
        while before is None or norm < 0.5**0.5 * before:
            new -= (basis[: k + 1] @ new) @ basis[: k + 1]
            norm, before = new.norm(), norm
        torch.div(new, norm, out=basis[k + 1])
        alphas.append(alpha)
        betas.append(norm)
    return alphas, betas


def spectrum():
    def maker(operator):
        def prepare(setting):
            run = functools.partial(lanczos, operator, setting, TASK.network.steps)
            return run, lambda: w.largest_ritz(*run()), functools.partial(lanczos, operator, setting, 2)

        return prepare

    return variants(
        kept_linearization=maker(hessian_linearized), double_backward_with_a_kept_graph=maker(hessian_kept)
    ), TASK.network.steps


def plane():
    a, b = map(torch.from_numpy, w.grid(TASK.network))

    def shared(setting):
        first, second = map(setting.tensors, w.directions(setting.network))
        triples = list(zip(setting.parameters, first, second))
        return lambda s, t: setting.loss([p + s * d + t * e for p, d, e in triples])

    def loop(setting):
        at = torch.inference_mode()(shared(setting))
        return variant(lambda: torch.stack([at(s, t) for s, t in zip(a, b)]), mean)

    def chunked(size):
        def maker(setting):
            return variant(torch.no_grad()(lambda: vmap(shared(setting), chunk_size=size)(a, b)), mean)

        return maker

    mean = lambda out: float(out.double().mean())
    return variants(loop=loop, vmap_in_chunks_of_3=chunked(3), vmap_in_chunks_of_17=chunked(17)), len(a)


def steps():
    indices = torch.from_numpy(w.batches(TASK.network)).long()

    def train(**options):
        def maker(setting):
            def loss(leaves, rows):
                return torch.nn.functional.cross_entropy(setting.logits(leaves, setting.x[rows]), setting.y[rows])

            def run():
                leaves = setting.leaves()
                betas = (w.BETA1, w.BETA2)
                adam = torch.optim.Adam(leaves, lr=w.LEARNING_RATE, betas=betas, eps=w.EPSILON, **options)
                for batch in indices:
                    for leaf, slope in zip(leaves, torch.autograd.grad(loss(leaves, batch), leaves)):
                        leaf.grad = slope
                    adam.step()
                return leaves

            return variant(run, lambda leaves: float(setting.loss(leaves)))

        return maker

    return variants(fused_Adam=train(fused=True), foreach_Adam=train(foreach=True)), len(indices)


def first_product():
    return variants(double_backward=one(hessian_rebuilt)), 1


RUNS = (gradient, product, block, ggn, spectrum, plane, steps, first_product)
TASK.report(*dict(zip(w.QUANTITIES, RUNS))[TASK.quantity]())
