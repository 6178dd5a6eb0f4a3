"""The workloads that every peer runs: their sizes, their data, their clock and their output.

The numbers come from SplitMix64 (Steele, Lea and Flood 2014), so that a program in any language makes the
same arrays and its `check` can be compared. See README.md for the contract.
"""

import argparse
import json
import os
import sys
import time

DIGITS = {"sizes": (64, 32, 10), "examples": 1797}
MLP = {"sizes": (784, 512, 512, 10), "examples": 256}
BLOCK = 8
GRID = 51
BATCH = 64
EPOCHS = 10
LEARNING_RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8

# Streams of random numbers, one for each purpose.
INPUTS, PARAMETERS, VECTORS, DIRECTIONS, SHUFFLES = 1, 2, 3, 4, 100


def main(peer, workloads):
    """Runs the workload named on the command line and prints its JSON line.

    `workloads` maps a name to a function of no arguments, which returns (variants, units): `variants` maps a
    way of doing the work to a pair (run, check), and `units` is by how much the time of one run is divided.
    The fastest variant is reported. A workload whose `units` is None is run once, with its first variant.
    """
    options = arguments(list(workloads))
    variants, units = workloads[options.workload]()
    lines = []
    for variant, (run, check) in variants.items():
        times = measure(run, options.budget) if units else once(run)
        lines.append(
            {
                "peer": peer,
                "workload": options.workload,
                "seconds": times[0] / (units or 1),
                "median": times[len(times) // 2] / (units or 1),
                "variant": variant,
                "check": check(),
            }
        )
        if units is None:
            break
        print(f"  {variant}: {lines[-1]['seconds']:.3e} s", file=sys.stderr)
    print(json.dumps(min(lines, key=lambda line: line["seconds"])), flush=True)


def limit_threads():
    """Binds this process to as many cores as `--threads` says; call it before a peer is imported."""
    threads = arguments(None).threads
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    return threads


def arguments(names):
    parser = argparse.ArgumentParser(description="Runs one workload of the peer benchmark.")
    parser.add_argument("--workload", required=True, choices=names)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--budget", type=float, default=1.0, help="seconds of measuring, for each variant")
    return parser.parse_args()


def once(run):
    start = time.perf_counter()
    run()
    return [time.perf_counter() - start]


def measure(run, budget):
    """Times of single runs in seconds, ascending: at least five after two unmeasured ones."""
    for _ in range(2):
        run()
    times = []
    while len(times) < 5 or sum(times) < budget:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return sorted(times)


def splitmix(stream, count):
    """`count` 64-bit numbers: SplitMix64's output at the counters stream * 2^32 + 0, 1, ..."""
    import numpy as np

    z = (np.uint64(stream << 32) + np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(stream, count):
    """`count` numbers in [0, 1), multiples of 2^-24, exact in f32."""
    import numpy as np

    return (splitmix(stream, count) >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)


def inputs(network):
    """Examples X [N, in] in [0, 1), and the labels 0, 1, ..., 9, 0, 1, ..."""
    import numpy as np

    count, width = network["examples"], network["sizes"][0]
    return uniform(INPUTS, count * width).reshape(count, width), (np.arange(count) % 10).astype(np.int32)


def split(network, flat):
    """Cuts a flat vector into weight [out, in] and bias [out] of each layer, in order."""
    parts, start = [], 0
    for width, out in zip(network["sizes"], network["sizes"][1:]):
        for shape in ((out, width), (out,)):
            count = out * width if len(shape) == 2 else out
            parts.append(flat[start : start + count].reshape(shape))
            start += count
    return parts


def dimension(network):
    return sum(out * (width + 1) for width, out in zip(network["sizes"], network["sizes"][1:]))


def parameters(network):
    """Weights and biases in [-1, 1) / sqrt(in)."""
    import numpy as np

    flat = uniform(PARAMETERS, dimension(network)) * np.float32(2) - np.float32(1)
    parts = split(network, flat)
    for layer, width in enumerate(network["sizes"][:-1]):
        scale = np.float32(1.0 / np.sqrt(width))
        parts[2 * layer] *= scale
        parts[2 * layer + 1] *= scale
    return parts


def vectors(network, count, stream=VECTORS):
    """`count` vectors with entries in [-1, 1), each cut like the parameters."""
    import numpy as np

    n = dimension(network)
    flat = (uniform(stream, count * n) * np.float32(2) - np.float32(1)).reshape(count, n)
    return [split(network, row) for row in flat]


def grid():
    """The coordinates of the plane's points along either direction."""
    import numpy as np

    return np.linspace(-1, 1, GRID, dtype=np.float32)


def directions(network):
    """Two directions of the plane: vectors divided by the square root of the dimension."""
    import numpy as np

    scale = np.float32(1.0 / np.sqrt(dimension(network)))
    return [[part * scale for part in vector] for vector in vectors(network, 2, DIRECTIONS)]


def batches(network):
    """The examples of every step [steps, BATCH]: each epoch sorts them by a stream of its own; a rest is dropped."""
    import numpy as np

    count = network["examples"]
    steps = count // BATCH
    orders = [np.argsort(splitmix(SHUFFLES + epoch, count), kind="stable") for epoch in range(EPOCHS)]
    return np.concatenate([order[: steps * BATCH].reshape(steps, BATCH) for order in orders]).astype(np.int32)


def norm(parts):
    """The Euclidean norm of everything in `parts`, in f64."""
    import numpy as np

    return float(np.sqrt(sum(np.square(np.asarray(part, dtype=np.float64)).sum() for part in parts)))
