"""The peer benchmark in PyHessian (Yao et al. 2020): its Lanczos process, on PyTorch's kept graphs."""

import harness
import workloads as w

TASK = harness.Task("pyhessian", ("product", "lanczos", "first-product"))

import importlib.metadata
import warnings

try:
    import torch
    from pyhessian import hessian
    from pyhessian.utils import hessian_vector_product
except ImportError as error:
    TASK.missing(f"cannot be imported: {error}")

from torch_networks import Module, Setting

torch.set_num_threads(TASK.threads)
torch.set_num_interop_threads(1)
warnings.simplefilter("ignore")
TASK.version = f"pyhessian {importlib.metadata.version('pyhessian')}"

# Memory formats that are tried: images may have their channels last.
FORMATS = {"": False} | ({", channels last": True} if TASK.network.images else {})


def eig(matrix, eigenvectors=True):
    """What PyHessian expects of `torch.eig`, which PyTorch has no longer; the matrix is symmetric."""
    values, vectors = torch.linalg.eigh(matrix)
    return torch.stack([values, torch.zeros_like(values)], dim=1), vectors


torch.eig = eig


def computation(last):
    setting = Setting(TASK, channels_last=last)
    return hessian(Module(setting), torch.nn.CrossEntropyLoss(), (setting.x, setting.y), cuda=False), setting


def product():
    def prepare(last):
        at, setting = computation(last)
        (vector,) = setting.vectors(1)
        run = lambda: hessian_vector_product(at.gradsH, at.params, list(vector))
        return run, lambda: w.norm(part.detach().numpy() for part in run())

    return variants("kept graph", prepare), 1


def spectrum():
    """`density` with one run: its start is random, so its largest Ritz value is compared only after 100 steps."""
    size = TASK.network.steps

    def prepare(last):
        at, _ = computation(last)
        check = lambda: float(max(at.density(iter=size, n_v=1)[0][0])) if size == 100 else None
        return lambda: at.density(iter=size, n_v=1), check, lambda: at.density(iter=2, n_v=1)

    return variants("density", prepare), size


def variants(name, prepare):
    return {f"{name}{suffix}": lambda last=last: prepare(last) for suffix, last in FORMATS.items()}


RUNS = {"product": product, "lanczos": spectrum, "first-product": product}
TASK.report(*RUNS[TASK.quantity]())
