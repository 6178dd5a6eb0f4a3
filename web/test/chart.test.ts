import assert from "node:assert/strict";
import test from "node:test";
import { nearest, stretches, thin } from "../src/chart/path";
import { axisScale, extent, linearTicks, logTicks } from "../src/chart/scale";
import { leafOrder } from "../src/chart/order";

const scale = (kind: "linear" | "log", low: number, high: number) =>
  axisScale(kind, [low, high], [0, 100], 5);

test("curves break where a value is missing", () => {
  const xs = Float64Array.from([0, 1, 2, 3, 4, 5]);
  const ys = Float64Array.from([1, 2, NaN, 3, Infinity, 4]);
  const lengths = (kind: "linear" | "log", values: Float64Array) =>
    stretches(xs, values, scale("linear", 0, 5), scale(kind, 0.1, 10)).map((part) => part.length);
  assert.deepEqual(lengths("linear", ys), [2, 1, 1]);
  assert.deepEqual(lengths("log", Float64Array.from([1, 0, 2, -1, 3, 4])), [1, 1, 2]);
});

test("thinning keeps first, lowest, highest and last point of each column", () => {
  const points = Array.from({ length: 5000 }, (_, i) => ({
    x: i / 50,
    y: Math.sin(i) * (i === 2500 ? 9 : 1),
  }));
  const kept = thin(points);
  assert.ok(kept.length <= 4 * 100 && kept.length > 100);
  assert.equal(Math.max(...kept.map((p) => p.y)), Math.max(...points.map((p) => p.y)));
  assert.deepEqual([kept[0], kept[kept.length - 1]], [points[0], points[4999]]);
  assert.ok(kept.every((p, i) => i === 0 || p.x >= kept[i - 1].x));
});

test("few points are not thinned", () => {
  const points = [
    { x: 0, y: 1 },
    { x: 100, y: 2 },
  ];
  assert.equal(thin(points), points);
});

test("the nearest entry of a list", () => {
  const xs = [0, 1, 4, 9];
  assert.deepEqual(
    [-5, 0.4, 0.6, 2.4, 2.6, 99].map((x) => nearest(xs, x)),
    [0, 0, 1, 1, 2, 3],
  );
  assert.equal(nearest([], 1), 0);
});

test("domains hold every finite value and skip the rest", () => {
  const [low, high] = extent([NaN, 3, -1, Infinity], "linear");
  assert.ok(low < -1 && high > 3 && high < 4);
  const [logLow, logHigh] = extent([0, -3, 1e-3, 10], "log");
  assert.ok(logLow < 1e-3 && logLow > 1e-4 && logHigh > 10);
  for (const values of [[], [NaN], [5], [0]]) {
    const [a, b] = extent(values, "linear");
    assert.ok(Number.isFinite(a) && a < b);
  }
});

test("ticks are labelled, rising and inside", () => {
  const check = (ticks: { value: number; label: string }[], low: number, high: number) => {
    assert.ok(ticks.filter((tick) => tick.label).length >= 2);
    ticks.forEach((tick, i) =>
      assert.ok(
        tick.value >= low * 0.999 && tick.value <= high * 1.001 && (!i || tick.value > ticks[i - 1].value),
      ),
    );
  };
  for (const [low, high] of [
    [0.02, 0.05],
    [1, 10],
    [1e-9, 1e3],
    [3, 300],
  ])
    check(logTicks([low, high], 5), low, high);
  for (const [low, high] of [
    [0, 1],
    [1e-6, 2e-6],
    [1000, 1001],
  ])
    check(linearTicks([low, high], 5), low, high);
  const labels = linearTicks([1000, 1001], 5).map((tick) => tick.label);
  assert.equal(new Set(labels).size, labels.length);
});

test("leaves of a tree are ordered so that no branches cross", () => {
  // 0 and 3 join first, then 1 and 2, then both pairs; 4 stays alone.
  const order = leafOrder(5, [
    [0, 3],
    [2, 1],
    [6, 5],
  ]);
  assert.deepEqual(order, [4, 2, 1, 0, 3]);
});
