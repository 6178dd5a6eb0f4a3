"""Writes math_f64.txt: reference values of the elementary functions, from mpmath with 300 to 1500 bits.

Run: python math_f64.py    (mpmath 1.3; the output is always the same)

Every line is a function, its arguments, the double nearest to the exact value, and the exact value minus that double
in units of the double's last place. Numbers are the 16 hexadecimal digits of their bits.
"""

import random
import struct
import sys

from mpmath import erf, exp, expm1, frexp, ldexp, log, log1p, mp, mpf, nint, pi, power, sin, cos, tanh

COUNT = 300


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def double(pattern):
    return struct.unpack("<d", struct.pack("<Q", pattern & (2**64 - 1)))[0]


def neighbours(value, steps=1):
    """The double itself and those next to it."""
    at = bits(abs(value))
    sign = 2**63 if value < 0 else 0
    return [double((at + i) | sign) for i in range(-steps, steps + 1) if at + i > 0]


def nearest(value):
    """The nearest double, and what is missing to the exact value in units of the last place."""
    if value == 0:
        return 0.0, mpf(0)
    unit = max(frexp(value)[1] - 53, -1074)
    count = nint(ldexp(value, -unit))
    if abs(ldexp(count, unit)) >= mpf(2) ** 1024:
        return float("inf") if value > 0 else float("-inf"), mpf(0)
    return float(ldexp(count, unit)), ldexp(value, -unit) - count


def logistic(x):
    return 1 / (1 + exp(-x))


def softplus(x):
    return (x if x > 0 else 0) + log1p(exp(-abs(x)))


def spread(rng, low, high, positive=False):
    """Random numbers of every size between 2^low and 2^high."""
    while True:
        value = 2 ** rng.uniform(low, high)
        yield value if positive or rng.random() < 0.5 else -value


def uniform(rng, low, high):
    while True:
        yield rng.uniform(low, high)


def near_one(rng):
    while True:
        yield 1.0 + rng.uniform(-1, 1) * 2 ** rng.uniform(-52, -1)


def quarter_turns(rng):
    """Doubles next to multiples of pi/2, where a sine or cosine is as small as it gets."""
    while True:
        multiple = rng.randrange(1, 2 ** rng.randrange(1, 60))
        yield double(bits(float(multiple * pi / 2)) + rng.randrange(-1, 2))


SMALLEST, NORMAL, LARGEST = 5e-324, 2.0**-1022, sys.float_info.max
TINY = [SMALLEST, -SMALLEST, 12345 * SMALLEST, NORMAL, double(bits(NORMAL) - 1), 1e-300, -1e-20, 1e-9]
LN_2 = 0.6931471805599453


def functions(rng):
    """(name, function, edges, generators of further arguments)."""
    ends = [LARGEST, -LARGEST, 1e300, -1e300]
    halves = [i / 2 for i in range(-4, 5) if i]
    steps = [v for k in (-1, 1, 3, 1000) for v in neighbours((k + 0.5) * LN_2)]
    ranges = (709.782712893384, -708.3964185322641, -745.1332191019411, -744.44, 88.72)
    last = [v for x in ranges for v in neighbours(x)]
    exponential = TINY + ends + halves + steps + last
    root = [v for x in (0.5**0.5, 2**0.5, 1.0, 2.0, 0.5) for v in neighbours(x)]
    logarithm = [abs(x) for x in TINY] + [LARGEST, 1e300, 3.0, 10.0] + root
    shifted = TINY + [LARGEST, -0.9999999999999999, -0.5, 1.0, 2.0**53, 2.0**52, 2.0**60, 2.0**61]
    shifted += [v for x in (0.5**0.5 - 1, 2**0.5 - 1) for v in neighbours(x, 2)]
    bounded = TINY + ends + halves + [v for x in (0.75, 1.0, 5.93, 6.0, 19.06, 20.0) for v in neighbours(x)]
    circular = TINY + ends + [6381956970095103.0 * 2.0**797, 1e6, 1000000.0000000001, 1e22, 2.0**1023]
    circular += [v for k in range(1, 9) for v in neighbours(k * 0.7853981633974483)]

    wide = lambda: [uniform(rng, -750, 750), uniform(rng, -5, 5), spread(rng, -60, 9)]
    around = lambda: [uniform(rng, -8, 8), spread(rng, -40, 5)]
    positive = lambda: [spread(rng, -1074, 1023, True), spread(rng, -4, 4, True), near_one(rng)]
    turns = lambda: [uniform(rng, -10, 10), spread(rng, -40, 1023), quarter_turns(rng), uniform(rng, -1e6, 1e6)]
    yield "exp", exp, exponential, wide()
    yield "expm1", expm1, exponential, wide()
    yield "logistic", logistic, exponential, wide()
    yield "softplus", softplus, exponential, wide()
    yield "ln", log, logarithm, positive()
    yield "ln_1p", log1p, shifted, [spread(rng, -60, 60, True), spread(rng, -60, -0.01), uniform(rng, -0.99, 2)]
    yield "tanh", tanh, bounded, around()
    yield "erf", erf, bounded, around()
    yield "sin", sin, circular, turns()
    yield "cos", cos, circular, turns()


def powers(rng):
    """Pairs for x^y: results of every size, bases of every size and near 1, small exponents."""
    pairs = [(2.0, 1023.0), (2.0, -1074.0), (SMALLEST, 0.5), (LARGEST, 0.5), (SMALLEST, 1.0), (10.0, 308.0), (9.0, 0.5)]
    pairs += [(-2.0, 3.0), (-2.0, 2.0), (-1.5, -7.0), (10.0, -320.0)]
    pairs += [(1.0000000000000002, 3e18), (0.9999999999999999, 1e18)]
    bases = [spread(rng, -1074, 1023, True), spread(rng, -3, 3, True), near_one(rng)]
    while len(pairs) < COUNT:
        base = next(bases[len(pairs) % 3])
        size = abs(log(mpf(base)))
        small = rng.random() < 0.3 or size == 0
        pairs.append((base, rng.uniform(-5, 5) if small else float(rng.uniform(-745, 710) / size)))
    return pairs


def line(name, arguments, value):
    rounded, rest = nearest(value)
    numbers = " ".join("%016x" % bits(x) for x in (*arguments, rounded))
    return "%s %s %+.4f" % (name, numbers, float(rest))


def main():
    rng = random.Random(20261122)
    with open("math_f64.txt", "w") as out:
        out.write("# Written by math_f64.py, which says what a line holds.\n")
        for name, function, edges, generators in functions(rng):
            mp.prec = 1500 if name in ("sin", "cos") else 300
            points = list(dict.fromkeys(edges))
            while len(points) < COUNT:
                points.append(next(generators[len(points) % len(generators)]))
            out.writelines(line(name, (x,), function(mpf(x))) + "\n" for x in points)
        mp.prec = 300
        out.writelines(line("powf", pair, power(mpf(pair[0]), mpf(pair[1]))) + "\n" for pair in powers(rng))


if __name__ == "__main__":
    main()
