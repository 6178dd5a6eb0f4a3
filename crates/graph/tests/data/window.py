"""Writes window.txt: pooling, cumulative sums and sorting by PyTorch in binary64, with derivatives.

Run: python window.py    (PyTorch 2.15; the output is always the same)

Every line is a case, the name of an array and its elements in row-major order. For an operation y(x) there are x, y,
a weight u, a direction v, and of f(x) = sum(u * sin(y)) the gradient g and the product h of its Hessian with v.
"""

import random

import torch
import torch.nn.functional as F

CASES = {
    "max": ([2, 2, 6, 7], lambda x: F.max_pool2d(x, (3, 2), (2, 1), (1, 1), (2, 1))),
    "max_tied": ([2, 1, 6, 6], lambda x: F.max_pool2d(x, 3, 2, 1)),
    "max_1d": ([2, 3, 9], lambda x: F.max_pool1d(x, 3, 3, 1)),
    "max_3d": ([1, 2, 4, 4, 5], lambda x: F.max_pool3d(x, 2, 2)),
    "avg_with_padding": ([2, 2, 5, 6], lambda x: F.avg_pool2d(x, (3, 2), (2, 2), (1, 1), False, True)),
    "avg_without_padding": ([2, 2, 5, 6], lambda x: F.avg_pool2d(x, (3, 2), (2, 2), (1, 1), False, False)),
    "avg_ceil_with_padding": ([1, 2, 6, 5], lambda x: F.avg_pool2d(x, 3, 2, 1, True, True)),
    "avg_ceil_without_padding": ([1, 2, 6, 5], lambda x: F.avg_pool2d(x, 3, 2, 1, True, False)),
    "adaptive": ([2, 2, 7, 5], lambda x: F.adaptive_avg_pool2d(x, (3, 4))),
    "adaptive_half": ([1, 2, 6, 5], lambda x: F.adaptive_avg_pool2d(x, (3, 2))),
    "adaptive_larger": ([1, 1, 3, 4], lambda x: F.adaptive_avg_pool2d(x, (5, 4))),
    "global": ([2, 3, 4, 5], lambda x: F.adaptive_avg_pool2d(x, 1)),
    "cumsum": ([3, 4, 2], lambda x: torch.cumsum(x, 1)),
    "cumsum_reverse": ([3, 5], lambda x: torch.cumsum(x.flip(1), 1).flip(1)),
    "sort": ([3, 6], lambda x: torch.sort(x, dim=1, stable=True)[0]),
    "sort_descending": ([5, 3], lambda x: torch.sort(x, dim=0, descending=True, stable=True)[0]),
    "top_k": ([2, 7, 2], lambda x: torch.topk(x, 3, 1)[0]),
}


def uniform(shape, source):
    count = torch.Size(shape).numel()
    return torch.tensor([source.uniform(-1, 1) for _ in range(count)], dtype=torch.float64).reshape(shape)


def write(case, name, array):
    print(case, name, *(repr(v) for v in array.detach().flatten().tolist()), file=out)


with open("window.txt", "w", encoding="ascii") as out:
    print("# Written by window.py, which says what a line holds.", file=out)
    for case, (shape, operation) in CASES.items():
        source = random.Random(case)
        x = uniform(shape, source)
        if case == "max_tied":
            x = (2 * x).round() / 2 + 0.0
        x.requires_grad_()
        y = operation(x)
        u, v = uniform(y.shape, source), uniform(shape, source)
        (gradient,) = torch.autograd.grad((u * y.sin()).sum(), x, create_graph=True)
        (product,) = torch.autograd.grad((gradient * v).sum(), x)
        for name, array in zip("xyuvgh", (x, y, u, v, gradient, product)):
            write(case, name, array)
