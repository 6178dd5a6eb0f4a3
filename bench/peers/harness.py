"""The command line, the clock and the output of every peer in Python."""

import argparse
import json
import os
import sys
import time

import workloads as w

# A way of doing the work that takes this many times as long as the best one is left after a fifth of the budget.
HOPELESS = 1.5
# Repetitions at least, unless they would take ten times the budget.
REPETITIONS = 5


class Task:
    """What a peer was asked for. Made before the peer's libraries are imported, since it limits their threads."""

    def __init__(self, peer, quantities):
        options = arguments()
        self.peer, self.version = peer, peer
        self.threads, self.budget, self.compile = options.threads, options.budget, options.compile
        # Whether the first run is mostly compilation, and so tells nothing about those that follow.
        self.compiles = options.compile
        name, _, self.quantity = options.workload.partition("/")
        if name not in w.NETWORKS or self.quantity not in w.QUANTITIES:
            sys.exit(f"unknown workload {options.workload!r}: expected NETWORK/QUANTITY, see README.md")
        self.workload, self.network = options.workload, w.NETWORKS[name]
        if self.quantity not in quantities:
            self.missing("it does not offer this")
        if self.quantity == "steps" and name != "digits":
            self.missing("only the digits are trained")
        limit_threads(self.threads)

    def missing(self, reason):
        """Ends the process: the peer does not do this workload."""
        print(json.dumps({"peer": self.peer, "workload": self.workload, "missing": reason}), flush=True)
        sys.exit(0)

    def report(self, variants, units):
        """Measures the variants and prints the line of the fastest.

        `variants` maps a way of doing the work to a function that prepares it and returns (run, check) or
        (run, check, warm), where `warm` does instead of `run` for compiling and filling caches. The time of a
        run is divided by `units`. `first-product` is run once, as it comes; its CPU time is that of the process.
        """
        if self.quantity == "first-product":
            variant, prepare = next(iter(variants.items()))
            run, check = prepare()[:2]
            wall, _ = timed(run)
            self.line(variant, [(wall, time.process_time())], 1, check())
            return
        best, failures = None, []
        for variant, prepare in variants.items():
            try:
                times, check = self.measure(prepare, best)
            except Exception as error:  # a library that lacks a formula says so in many ways
                failures.append(f"{variant}: {type(error).__name__}: {str(error).strip().splitlines()[0]}")
                print(f"  {failures[-1]}", file=sys.stderr)
                continue
            cost = self.cost(times)
            print(f"  {variant}: {cost / units:.3e} s, {len(times)} times", file=sys.stderr)
            if best is None or cost < best[0]:
                best = (cost, variant, times, check())
        if best is None:
            self.missing("; ".join(failures))
        _, variant, times, check = best
        self.line(variant, times, units, check)

    def measure(self, prepare, best):
        """(wall, CPU) seconds of single runs, after one that does not count."""
        run, check, *warm = prepare()
        first = [timed(warm[0] if warm else run)]
        if best is not None and not self.compiles and self.cost(first) > max(2 * HOPELESS * best[0], self.budget):
            return first, check
        times = [timed(run)]
        while total(times) < 0.2 * self.budget:
            times.append(timed(run))
        if best is None or self.cost(times) < HOPELESS * best[0]:
            while total(times) < self.budget or self.few(times):
                times.append(timed(run))
        return times, check

    def cost(self, times):
        """The fastest run: of one thread the CPU time, which other programs on the machine disturb less."""
        return min(cpu if self.threads == 1 else wall for wall, cpu in times)

    def few(self, times):
        return len(times) < REPETITIONS and min(times)[0] * REPETITIONS < 10 * self.budget

    def line(self, variant, times, units, check):
        walls = sorted(wall for wall, _ in times)
        line = {
            "peer": self.peer,
            "version": self.version,
            "workload": self.workload,
            "threads": self.threads,
            "seconds": walls[0] / units,
            "median": walls[len(walls) // 2] / units,
            "cpu": min(cpu for _, cpu in times) / units,
            "variant": variant,
            "check": check,
        }
        print(json.dumps(line), flush=True)


def total(times):
    return sum(wall for wall, _ in times)


def timed(run):
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - cpu


def arguments():
    parser = argparse.ArgumentParser(description="Runs one workload of the peer benchmark.")
    parser.add_argument("--workload", required=True, metavar="NETWORK/QUANTITY")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--budget", type=float, default=1.0, help="seconds of measuring, for each variant")
    parser.add_argument("--compile", action="store_true", help="try torch.compile too, which may take minutes")
    return parser.parse_args()


def limit_threads(threads):
    """Binds this process and the libraries that it will import to as many cores."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"):
        os.environ[name] = str(threads)
    if threads == 1:
        flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
