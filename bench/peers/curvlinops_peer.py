"""The peer benchmark in curvlinops (Dangel et al. 2025): its linear operators, on PyTorch."""

import harness
import workloads as w

TASK = harness.Task("curvlinops", ("product", "product-block", "ggn", "lanczos", "first-product"))

import importlib.metadata
import warnings

try:
    import numpy as np
    import torch
    from curvlinops import GGNLinearOperator, HessianLinearOperator
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh
except ImportError as error:
    TASK.missing(f"cannot be imported: {error}")

from torch_networks import Module, Setting

torch.set_num_threads(TASK.threads)
torch.set_num_interop_threads(1)
warnings.simplefilter("ignore")
TASK.version = f"curvlinops {importlib.metadata.version('curvlinops-for-pytorch')}"

# Memory formats that are tried: images may have their channels last.
FORMATS = {"": False} | ({", channels last": True} if TASK.network.images else {})


def operator(kind, last):
    """The operator of one batch, and its setting."""
    setting = Setting(TASK, channels_last=last)
    module = Module(setting)
    data = [(setting.x, setting.y)]
    # A batch of tokens has as many rows of logits as tokens, which the operator is told rather than guesses.
    options = {"check_deterministic": False, "num_data": len(setting.y), "batch_size_fn": lambda _: len(setting.y)}
    return kind(module, torch.nn.CrossEntropyLoss(), list(module.parameters()), data, **options), setting


def times(kind, count):
    """The operator times vectors, as lists of tensors with a last axis for the vectors."""

    def prepare(last):
        matrix, setting = operator(kind, last)
        rows = setting.vectors(count)
        block = [torch.stack(column, dim=-1) for column in zip(*rows)] if count > 1 else list(rows[0])
        run = lambda: matrix @ block
        return run, lambda: w.norm(part.detach().numpy() for part in run())

    name = kind.__name__.removesuffix("LinearOperator")
    return {f"{name} operator{suffix}": lambda last=last: prepare(last) for suffix, last in FORMATS.items()}, count


def spectrum():
    """ARPACK's Lanczos with full reorthogonalization, as curvlinops' documentation does it through SciPy.

    One round of `steps` vectors, from vector 0. ARPACK may stop with fewer products; their mean time counts.
    """
    size = TASK.network.steps

    def prepare(last):
        matrix, setting = operator(HessianLinearOperator, last)
        plain = matrix.to_scipy()
        start = np.concatenate([part.ravel() for part in w.vectors(setting.network, 1)[0]])
        wanted = min(size - 1, max(1, size // 10))

        def run(count=size):
            options = {"k": min(wanted, count - 1), "ncv": count, "maxiter": 1, "tol": 1e-12, "v0": start}
            try:
                eigsh(plain, which="LA", return_eigenvectors=False, **options)
            except ArpackNoConvergence:
                pass

        return run, lambda: None, lambda: run(3)

    return {f"ARPACK{suffix}": lambda last=last: prepare(last) for suffix, last in FORMATS.items()}, size


RUNS = {
    "product": lambda: times(HessianLinearOperator, 1),
    "product-block": lambda: times(HessianLinearOperator, w.BLOCK),
    "ggn": lambda: times(GGNLinearOperator, 1),
    "lanczos": spectrum,
    "first-product": lambda: times(HessianLinearOperator, 1),
}
TASK.report(*RUNS[TASK.quantity]())
