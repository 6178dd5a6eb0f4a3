"""Writes reference.json: what every peer must find, computed by PyTorch in f64.

    python reference.py [--threads 2] [--out reference.json] [NETWORK ...]

Networks that are not named keep their entries. A value belongs to a quantity (see README.md for its meaning);
`loss` is that of the point itself.
"""

import argparse
import json
import os
import pathlib
import sys
import types

PARSER = argparse.ArgumentParser(description="Writes the reference values of the peer benchmark.")
PARSER.add_argument("networks", nargs="*", metavar="NETWORK")
PARSER.add_argument("--threads", type=int, default=2)
PARSER.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).with_name("reference.json"))
OPTIONS = PARSER.parse_args()
os.environ["OMP_NUM_THREADS"] = str(OPTIONS.threads)

import torch

import workloads as w
from torch_networks import Setting


def main():
    known = json.loads(OPTIONS.out.read_text()) if OPTIONS.out.exists() else {}
    for name in OPTIONS.networks or w.NETWORKS:
        print(name, file=sys.stderr)
        known[name] = values(w.NETWORKS[name])
    ordered = {name: known[name] for name in w.NETWORKS if name in known}
    OPTIONS.out.write_text(json.dumps(ordered, indent=2) + "\n")


def values(network):
    """The reference values of a network by quantity."""
    result = {"examples": network.count("product"), "dimension": w.dimension(network)}
    setting = at(network, "product")
    result["loss"] = setting.loss(setting.parameters).item()
    leaves = setting.leaves()
    slope = torch.autograd.grad(setting.loss(leaves), leaves, create_graph=True)
    result["gradient"] = norm(slope)
    vectors = setting.vectors(w.BLOCK)
    products = [torch.autograd.grad(slope, leaves, vector, retain_graph=True) for vector in vectors]
    result["product"] = norm(products[0])
    result["product-block"] = norm([part for product in products for part in product])
    del slope, products
    result["ggn"] = norm(gauss_newton(setting, vectors[0]))
    result["lanczos"] = lanczos(at(network, "lanczos"), network.steps)
    result["plane"] = plane(at(network, "plane"))
    if network.name == "digits":
        result["steps"] = trained(setting)
    result["first-product"] = result["product"]
    return result


def at(network, quantity):
    return Setting(types.SimpleNamespace(network=network, quantity=quantity), torch.float64)


def norm(parts):
    return torch.sqrt(sum(part.detach().square().sum() for part in parts)).item()


def gauss_newton(setting, vector):
    """J' H J v; J v as the derivative of J' u with respect to u."""
    leaves = setting.leaves()
    logits = setting.logits(leaves)
    dummy = torch.zeros_like(logits, requires_grad=True)
    pulled = torch.autograd.grad(logits, leaves, dummy, create_graph=True)
    (pushed,) = torch.autograd.grad(pulled, dummy, vector, retain_graph=True)
    outputs = logits.detach().requires_grad_()
    (slope,) = torch.autograd.grad(setting.loss_of(outputs), outputs, create_graph=True)
    (curved,) = torch.autograd.grad(slope, outputs, pushed)
    return torch.autograd.grad(logits, leaves, curved)


def lanczos(setting, steps):
    """The largest Ritz value after Lanczos' process with two full orthogonalizations a step."""
    leaves = setting.leaves()
    slope = torch.autograd.grad(setting.loss(leaves), leaves, create_graph=True)
    start = torch.cat([part.flatten() for part in setting.vectors(1)[0]])
    basis, alphas, betas = (start / start.norm())[None], [], []
    for _ in range(steps):
        parts = w.split(setting.network, basis[-1])
        product = torch.autograd.grad(slope, leaves, parts, retain_graph=True)
        new = torch.cat([part.flatten() for part in product])
        alphas.append((basis[-1] @ new).item())
        for _ in range(2):
            new = new - (basis @ new) @ basis
        betas.append(new.norm().item())
        basis = torch.cat([basis, (new / new.norm())[None]])
    return w.largest_ritz(alphas, betas)


@torch.no_grad()
def plane(setting):
    """The mean loss over the points of the plane that are evaluated."""
    first, second = map(setting.tensors, w.directions(setting.network))
    triples = list(zip(setting.parameters, first, second))
    points = zip(*(coordinates.astype(float) for coordinates in w.grid(setting.network)))
    losses = [setting.loss([p + a * d + b * e for p, d, e in triples]).item() for a, b in points]
    return sum(losses) / len(losses)


def trained(setting):
    """The loss of the whole set after the steps of Adam."""
    leaves = setting.leaves()
    adam = torch.optim.Adam(leaves, lr=w.LEARNING_RATE, betas=(w.BETA1, w.BETA2), eps=w.EPSILON)
    for batch in torch.from_numpy(w.batches(setting.network)).long():
        logits = setting.logits(leaves, setting.x[batch])
        adam.zero_grad()
        torch.nn.functional.cross_entropy(logits, setting.y[batch]).backward()
        adam.step()
    return setting.loss(leaves).item()


main()
