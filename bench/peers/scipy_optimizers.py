"""The optimizer benchmark in SciPy: a method of `scipy.optimize.minimize` on Rosenbrock's function."""

import argparse
import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import scipy
from scipy.optimize import minimize, rosen, rosen_der, rosen_hess_prod

# A run ends at the first gradient whose largest entry is within this.
TOLERANCE = 1e-5
# Repetitions at least, unless they would take ten times the budget.
REPETITIONS = 5
# Neither a test of their own nor a number of iterations ends the methods before.
OPTIONS = {
    "L-BFGS-B": {"ftol": 0.0, "gtol": 0.0, "maxiter": 10**6, "maxfun": 10**6},
    "trust-krylov": {"gtol": 0.0, "maxiter": 10**6},
    "trust-ncg": {"gtol": 0.0, "maxiter": 10**6},
    "Newton-CG": {"xtol": 0.0, "maxiter": 10**6},
}
# What asks for value and gradient at the same points is given both at once.
TOGETHER = {"L-BFGS-B"}


class Reached(Exception):
    """A gradient is small enough."""


class Counted:
    """The function, with counts of what was asked."""

    def __init__(self):
        self.values = self.gradients = self.products = 0

    def value(self, x):
        self.values += 1
        return rosen(x)

    def gradient(self, x):
        self.gradients += 1
        gradient = rosen_der(x)
        if np.abs(gradient).max() <= TOLERANCE:
            raise Reached(x.copy())
        return gradient

    def both(self, x):
        return rosen(x), self.gradient(x)

    def product(self, x, vector):
        self.products += 1
        return rosen_hess_prod(x, vector)


def solve(method, start):
    """The counts and the value at the end, or why it ended before."""
    f = Counted()
    try:
        if method in TOGETHER:
            found = minimize(f.both, start, jac=True, method=method, options=OPTIONS[method])
        else:
            found = minimize(
                f.value, start, jac=f.gradient, hessp=f.product, method=method, options=OPTIONS[method]
            )
    except Reached as end:
        return f, float(rosen(end.args[0]))
    return None, f"it ended before: {found.message}"


def main():
    parser = argparse.ArgumentParser(description="Runs one method on one problem of the optimizer benchmark.")
    parser.add_argument("--problem", required=True, metavar="rosenbrock:N")
    parser.add_argument("--method", required=True, choices=OPTIONS)
    parser.add_argument("--budget", type=float, default=1.0, help="seconds of measuring")
    options = parser.parse_args()
    name, _, n = options.problem.partition(":")
    if name != "rosenbrock":
        sys.exit(f"unknown problem {options.problem!r}: expected rosenbrock:N")
    start = np.where(np.arange(int(n)) % 2 == 0, -1.2, 1.0)
    line = {"version": f"scipy {scipy.__version__}", "problem": options.problem, "method": options.method}
    f, value = solve(options.method, start)
    if f is None:
        print(json.dumps(line | {"missing": value}))
        return
    walls, cpu = [], []
    budget = options.budget
    while not walls or sum(walls) < budget or (len(walls) < REPETITIONS and sum(walls) < 10 * budget):
        wall, used = time.perf_counter(), time.process_time()
        solve(options.method, start)
        walls.append(time.perf_counter() - wall)
        cpu.append(time.process_time() - used)
    walls.sort()
    line |= {"values": f.values, "gradients": f.gradients, "products": f.products, "value": value}
    print(json.dumps(line | {"seconds": walls[0], "median": walls[len(walls) // 2], "cpu": min(cpu)}))


if __name__ == "__main__":
    main()
