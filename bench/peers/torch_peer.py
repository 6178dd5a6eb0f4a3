"""The peer benchmark in PyTorch: eager, with every way of taking second derivatives that it offers."""

import workloads as w

THREADS = w.limit_threads()

import warnings

import numpy as np
import torch
from torch.func import grad, jvp, linearize, vmap

torch.set_num_threads(THREADS)
warnings.simplefilter("ignore")  # `linearize` and `float` announce changes that do not matter here


def logits(parameters, x):
    for layer in range(0, len(parameters) - 2, 2):
        x = torch.tanh(torch.nn.functional.linear(x, parameters[layer], parameters[layer + 1]))
    return torch.nn.functional.linear(x, parameters[-2], parameters[-1])


def loss(parameters, x, y):
    return torch.nn.functional.cross_entropy(logits(parameters, x), y)


def setup(network):
    x, y = w.inputs(network)
    parameters = tuple(torch.tensor(part) for part in w.parameters(network))
    return parameters, torch.tensor(x), torch.tensor(y, dtype=torch.int64)


def variant(function, check=lambda out: w.norm(part.detach().numpy() for part in out)):
    return function, lambda: check(function())


def gradient(network):
    parameters, x, y = setup(network)
    leaves = [part.requires_grad_() for part in parameters]
    return {"backward": variant(lambda: torch.autograd.grad(loss(leaves, x, y), leaves))}, 1


def product(network, count):
    parameters, x, y = setup(network)
    block = tuple(torch.tensor(np.stack(column)) for column in zip(*w.vectors(network, count)))
    one = tuple(part[0] for part in block)
    slope = grad(lambda p: loss(p, x, y))

    leaves = [part.clone().requires_grad_() for part in parameters]
    kept = torch.autograd.grad(loss(leaves, x, y), leaves, create_graph=True)

    def double_backward(vector, batched=False):
        return torch.autograd.grad(kept, leaves, vector, retain_graph=True, is_grads_batched=batched)

    def forward_over_reverse(vector):
        return jvp(slope, (parameters,), (vector,))[1]

    _, linearized = linearize(slope, parameters)
    if count == 1:
        return {
            "double backward, kept graph": variant(lambda: double_backward(one)),
            "jvp of grad": variant(lambda: forward_over_reverse(one)),
            "kept linearization": variant(lambda: linearized(one)),
        }, 1

    def loop():
        rows = [double_backward(tuple(part[row] for part in block)) for row in range(count)]
        return [torch.stack(column) for column in zip(*rows)]

    return {
        "double backward, kept graph, batched": variant(lambda: double_backward(block, batched=True)),
        "double backward, kept graph, loop": variant(loop),
        "jvp of grad, vmap": variant(lambda: vmap(forward_over_reverse)(block)),
        "kept linearization, vmap": variant(lambda: vmap(linearized)(block)),
    }, count


def plane(network):
    parameters, x, y = setup(network)
    first, second = (tuple(torch.tensor(part) for part in d) for d in w.directions(network))
    axis = torch.tensor(w.grid())
    a, b = (c.reshape(-1) for c in torch.meshgrid(axis, axis, indexing="ij"))

    def at(s, t):
        return loss([p + s * d + t * e for p, d, e in zip(parameters, first, second)], x, y)

    @torch.no_grad()
    def loop():
        return torch.stack([at(s, t) for s, t in zip(a, b)])

    def chunked(size):
        return torch.no_grad()(lambda: vmap(at, chunk_size=size)(a, b))

    mean = lambda out: float(out.double().mean())
    variants = {f"vmap in chunks of {size}": variant(chunked(size), mean) for size in (3, 17)}
    return {"loop": variant(loop, mean)} | variants, 1


def steps(network):
    parameters, x, y = setup(network)
    indices = torch.tensor(w.batches(network), dtype=torch.int64)

    def train(**options):
        def run():
            leaves = [part.clone().requires_grad_() for part in parameters]
            adam = torch.optim.Adam(leaves, lr=w.LEARNING_RATE, betas=(w.BETA1, w.BETA2), eps=w.EPSILON, **options)
            for batch in indices:
                for leaf, slope in zip(leaves, torch.autograd.grad(loss(leaves, x[batch], y[batch]), leaves)):
                    leaf.grad = slope
                adam.step()
            return leaves

        return variant(run, lambda leaves: float(loss(leaves, x, y)))

    return {"eager, fused Adam": train(fused=True), "eager, foreach Adam": train(foreach=True)}, len(indices)


def first_product(network):
    parameters, x, y = setup(network)
    one = [torch.tensor(part) for part in w.vectors(network, 1)[0]]
    leaves = [part.requires_grad_() for part in parameters]

    def double_backward():
        slope = torch.autograd.grad(loss(leaves, x, y), leaves, create_graph=True)
        return torch.autograd.grad(slope, leaves, one)

    return {"double backward": variant(double_backward)}, None


w.main(
    "torch",
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
