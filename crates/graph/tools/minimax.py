"""Prints the coefficient tables of src/math: minimax fits by the Remez exchange, rounded one by one.

Run: python minimax.py    (needs mpmath 1.3)

A fit minimises the largest |w(x) (g(x) - P(x)/Q(x))| over [a, b]. Polynomials (Q = 1) for binary32 are rounded
from the constant term up; after each rounding the rest is fitted again, so that later coefficients make up for the
rounding of earlier ones. Quotients, and polynomials for binary64, are rounded once. The error printed is that of
the rounded coefficients with exact evaluation, as a power of two.
"""

import struct

from mpmath import (
    cos, eig, erf, erfc, exp, fprod, fsum, im, inverse, log, lu_solve, matrix, mp, mpf, pi, re, sin, sqrt, tanh,
)

mp.dps = 60


def rounded(value, bits):
    """The nearest number of the format with that many bits in the mantissa."""
    if bits == 24:
        return mpf(struct.unpack("f", struct.pack("f", float(value)))[0])
    return mpf(float(value))


def polynomial(coefficients, x):
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def extrema(error, a, b, count, samples=801):
    """The points of alternating extreme error, refined on a dense Chebyshev grid."""
    grid = [(a + b) / 2 - (b - a) / 2 * cos(pi * i / samples) for i in range(samples + 1)]
    values = [error(x) for x in grid]
    runs, start = [], 0
    for i in range(1, len(grid) + 1):
        if i == len(grid) or (values[i] > 0) != (values[start] > 0):
            best = max(range(start, i), key=lambda j: abs(values[j]))
            runs.append(best)
            start = i
    while len(runs) > count:
        runs.pop(0 if abs(values[runs[0]]) < abs(values[runs[-1]]) else -1)
    return [grid[i] for i in runs], max(abs(v) for v in values)


def levelled(g, w, nodes, p, q):
    """P, Q and the level E at which w (g - P/Q) = E, -E, E, ... at the nodes, with Q of one sign there.

    The divided differences of x^m P over all nodes vanish for m <= q, which leaves an eigenproblem for Q.
    """
    values = [g(x) for x in nodes]
    shifts = [(-1) ** i / w(x) for i, x in enumerate(nodes)]
    sigma = [1 / fprod(x - y for y in nodes if y is not x) for x in nodes]
    power = lambda f, m: fsum(s * v * x**m for s, v, x in zip(sigma, f, nodes))
    hankel = lambda f: matrix([[power(f, m + j) for j in range(q + 1)] for m in range(q + 1)])
    found, vectors = eig(inverse(hankel(shifts)) * hankel(values))
    for level, column in sorted(((re(found[k]), k) for k in range(q + 1)), key=lambda pair: abs(pair[0])):
        den = [re(vectors[j, column] / vectors[0, column]) for j in range(q + 1)]
        signs = [polynomial(den, x) > 0 for x in nodes]
        if all(signs) and abs(im(found[column])) < abs(level) * mpf(10) ** -20:
            targets = [(v - level * s) * polynomial(den, x) for v, s, x in zip(values, shifts, nodes)]
            system = matrix([[x**j for j in range(p + 1)] for x in nodes[: p + 1]])
            return list(lu_solve(system, matrix(targets[: p + 1]))), den, level
    raise ValueError("every quotient through the nodes has a pole")


def remez(g, w, a, b, p, q=0, first=None, rounds=40):
    """Coefficients of P (degree p) and Q (degree q, constant term 1), and the largest weighted error.

    The exchange starts from Chebyshev nodes over [a, first], for weights that vanish towards b.
    """
    n = p + q + 2
    end = first or b
    nodes = [(a + end) / 2 - (end - a) / 2 * cos(pi * (i + mpf(1) / 2) / n) for i in range(n)]
    for _ in range(rounds):
        num, den, level = levelled(g, w, nodes, p, q)
        error = lambda x: w(x) * (g(x) - polynomial(num, x) / polynomial(den, x))
        new, worst = extrema(error, a, b, n)
        if len(new) < n:
            raise ValueError("lost the alternation: %d of %d" % (len(new), n))
        nodes = new
        if worst < abs(level) * mpf("1.001"):
            break
    return num, den, worst


def fit(name, bits, g, w, a, b, p, q=0, first=None):
    """Fits, rounds and prints one table."""
    a, b = mpf(a), mpf(b)
    if q or bits == 53:
        num, den, _ = remez(g, w, a, b, p, q, first)
        num, den = [rounded(c, bits) for c in num], [rounded(c, bits) for c in den]
    else:
        fixed, den = [], [mpf(1)]
        for degree in range(p, -1, -1):
            done = list(fixed)
            power = len(done)
            rest = lambda x: (g(x) - polynomial(done, x)) / x**power
            weight = lambda x: w(x) * abs(x) ** power
            num, _, _ = remez(rest, weight, a, b, degree)
            fixed.append(rounded(num[0], bits))
        num = fixed
    error = lambda x: w(x) * (g(x) - polynomial(num, x) / polynomial(den, x))
    _, worst = extrema(error, a, b, 10**6)
    print("// %s, %d bits: error 2^%.2f" % (name, bits, log(worst) / log(2)))
    for label, table in (("P", num), ("Q", den)):
        if label == "P" or q:
            shown = [repr(float(c)) if bits == 53 else shortest(float(c)) for c in table]
            print("const %s_%s: &[_] = &[%s];" % (name, label, ", ".join(shown)), flush=True)


def shortest(value):
    """The shortest decimal that reads back as the same binary32."""
    for digits in range(6, 12):
        text = "%.*g" % (digits, value)
        if struct.pack("f", float(text)) == struct.pack("f", value):
            return text
    raise ValueError(value)


def main():
    # e^r = 1 + r + r^2/2 + r^3 P(r) for |r| <= ln 2 / 2, error relative to 1.
    half = lambda r: (exp(r) - 1 - r - r * r / 2) / r**3
    for bits, degree in ((24, 3), (53, 8)):
        fit("EXP", bits, half, lambda r: abs(r) ** 3, -0.3470, 0.3471, degree)

    # ln((1+s)/(1-s)) = 2s + s z P(z), z = s^2, for (1+s)/(1-s) from sqrt(1/2) to sqrt 2, error relative to 2s.
    top = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * mpf("1.0001")
    artanh = lambda z: log((1 + sqrt(z)) / (1 - sqrt(z))) / sqrt(z)
    for bits, degree in ((24, 2), (53, 6)):
        fit("LN", bits, lambda z: (artanh(z) - 2) / z, lambda z: z / 2, 1e-12, top, degree)

    # The same with 2s + 2s^3/3 + s^5 P(z).
    fit("LN_TAIL", 53, lambda z: (artanh(z) - 2 - 2 * z / 3) / z**2, lambda z: z**2 / 2, 1e-12, top, 6)

    # tanh x = x + x z P(z)/Q(z), z = x^2, for |x| <= 0.75, relative error.
    def bend(z):
        return (tanh(sqrt(z)) / sqrt(z) - 1) / z

    for bits, p, q in ((24, 1, 2), (53, 2, 3)):
        fit("TANH", bits, bend, lambda z: z / (1 + z * bend(z)), 1e-8, mpf("0.5625"), p, q)

    # erf x = x + x P(z), z = x^2, for |x| <= 1, relative error.
    ratio = lambda z: erf(sqrt(z)) / sqrt(z)
    for bits, degree in ((24, 6), (53, 11)):
        fit("ERF", bits, lambda z: ratio(z) - 1, lambda z: 1 / ratio(z), 1e-8, 1, degree)

    # erfc x = exp(-x^2) P(x)/Q(x) for x >= 1 until erf x rounds to 1, error relative to erf x.
    for bits, p, q, last, first in ((24, 2, 2, 4, 2.5), (53, 5, 6, 6, 3.5)):
        scaled = lambda x: erfc(x) * exp(x * x)
        fit("ERFC", bits, scaled, lambda x: exp(-x * x) / erf(x), 1, last, p, q, first)

    # sin r = r + r z P(z) and cos r = 1 - z/2 + z^2 P(z), z = r^2, for |r| <= pi/4, relative error. The functions
    # of binary32 evaluate in binary64, the shorter tables.
    top = (pi / 4) ** 2 * mpf("1.0001")
    sine = lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z
    for degree in (3, 5):
        fit("SIN", 53, sine, lambda z: z * sqrt(z) / sin(sqrt(z)), 1e-12, top, degree)
    cosine = lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2
    for degree in (2, 5):
        fit("COS", 53, cosine, lambda z: z**2 / cos(sqrt(z)), 1e-12, top, degree)


if __name__ == "__main__":
    main()
