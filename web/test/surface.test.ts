import assert from "node:assert/strict";
import test from "node:test";
import { interpolate, isWhole, nearestNode, type Grid } from "../src/surface/grid";
import { home } from "../src/surface/orbit";
import { drape, floorMesh, surfaceMesh, tube } from "../src/surface/mesh";
import { pickNode } from "../src/surface/pick";
import { shading } from "../src/surface/shade";
import { space, subtract, unit, type Vec } from "../src/surface/space";
import type { State, Way } from "../src/surface/state";

const plane = (x: number, y: number) => 2 + 3 * x - y;

function grid(f: (x: number, y: number) => number): Grid {
  const xs = Float64Array.from([0, 1, 3, 4]);
  const ys = Float64Array.from([-1, 0, 2]);
  return { xs, ys, z: Float64Array.from([...ys].flatMap((y) => [...xs].map((x) => f(x, y)))) };
}

function state(of: Grid): State {
  const shade = shading(of.z, "linear");
  return { grid: of, shading: shade, heights: of.z.map(shade.t) } as State;
}

test("interpolation is exact for a plane, on uneven grids", () => {
  const g = grid(plane);
  for (const [x, y] of [
    [0, -1],
    [4, 2],
    [0.5, -0.2],
    [2.2, 1.7],
    [3.9, 0.1],
  ]) {
    assert.ok(Math.abs(interpolate(g, g.z, x, y) - plane(x, y)) < 1e-12);
  }
  for (const [x, y] of [
    [-0.1, 0],
    [1, 2.1],
    [NaN, 0],
  ])
    assert.ok(Number.isNaN(interpolate(g, g.z, x, y)));
});

test("a missing value leaves out its four cells and nothing else", () => {
  const g = grid((x, y) => (x === 1 && y === 0 ? NaN : plane(x, y)));
  const whole = [0, 1].map((j) => [0, 1, 2].map((i) => isWhole(g, i, j)));
  assert.deepEqual(whole, [
    [false, false, true],
    [false, false, true],
  ]);
  const s = state(g);
  assert.equal(surfaceMesh(s, space(g)).index.length, 2 * 6);
  const floor = floorMesh(s, space(g));
  assert.equal(floor.index.length, 6 * 6);
  assert.equal(floor.t.filter((t) => t === -1).length, 4 * 4);
});

test("the surface's normals point up and are of length 1", () => {
  const g = grid(plane);
  const { normal } = surfaceMesh(state(g), space(g));
  for (let i = 0; i < normal.length; i += 3) {
    assert.ok(normal[i + 1] > 0);
    assert.ok(Math.abs(Math.hypot(normal[i], normal[i + 1], normal[i + 2]) - 1) < 1e-6);
  }
});

test("a ray finds the node under it", () => {
  const g = grid(plane);
  const { heights } = state(g);
  const box = space(g);
  const eye: Vec = [0.3, 5, 2.5];
  for (const [i, j] of [
    [0, 0],
    [2, 1],
    [3, 2],
    [1, 2],
  ]) {
    const target = box.toWorld(g.xs[i], g.ys[j], heights[j * 4 + i]);
    // A little towards the middle, so that the ray does not pass beside the rim.
    const inside = target.map((c, k) => (k === 1 ? c : c * 0.999)) as Vec;
    assert.deepEqual(pickNode(g, heights, box, eye, unit(subtract(inside, eye))), { i, j });
  }
  assert.equal(pickNode(g, heights, box, eye, [0, 1, 0]), null);
});

test("a path is laid onto the surface and broken outside it", () => {
  const g = grid(plane);
  const s = state(g);
  const box = space(g);
  const at = (x: number, y: number) => ({ x, y });
  const way = { points: [at(0.5, 0), at(2, 1), at(9, 1), at(3, 1)] } as Way;
  const parts = drape(s, box, way, 0);
  assert.equal(parts.length, 2);
  for (const [x, y, z] of parts.flat()) {
    const t =
      (2 +
        3 * (((x + box.halfX) / (2 * box.halfX)) * 4) -
        (-1 + ((box.halfZ - z) / (2 * box.halfZ)) * 3) -
        0) /
      15;
    assert.ok(Math.abs(y / 0.95 - t) < 1e-6);
  }
});

test("a tube has its radius everywhere and no NaN where a path turns back", () => {
  const line: Vec[] = [
    [0, 0, 0],
    [1, 0, 0],
    [1, 0, 0],
    [1, 1, 0],
    [1, 0, 0],
  ];
  const { position } = tube(line, 0.1, 8);
  assert.ok(position.every(Number.isFinite));
  const distance = (i: number) => Math.hypot(position[3 * i], position[3 * i + 1], position[3 * i + 2]);
  for (let k = 0; k < 8; k++) assert.ok(Math.abs(distance(k) - 0.1) < 1e-6);
});

test("nearest nodes", () => {
  const g = grid(plane);
  assert.deepEqual(nearestNode(g, 2.1, 1.5), { i: 2, j: 2 });
  assert.equal(nearestNode(g, -1, 0), null);
});

test("shadings run from 0 to 1 and rise with the value", () => {
  const z = Float64Array.from([0.01, 3, 0.5, 100, NaN, 20, Infinity, 3]);
  for (const values of [z, z.map((v) => v - 4)]) {
    for (const kind of ["linear", "log", "rank"] as const) {
      const { t, levels } = shading(values, kind);
      const sorted = values.filter(Number.isFinite).sort();
      const heights = Array.from(sorted, t);
      assert.ok(Math.abs(heights[0]) < 1e-12 && Math.abs(heights[heights.length - 1] - 1) < 1e-12, kind);
      heights.forEach((height, i) => assert.ok(i === 0 || height >= heights[i - 1]));
      assert.ok(Number.isNaN(t(NaN)));
      assert.ok(levels.length > 2);
      for (const level of levels) assert.ok(Math.abs(t(level.value) - level.t) < 1e-12);
    }
  }
});

test("a shifted logarithm is announced", () => {
  assert.equal(shading(Float64Array.from([1, 2]), "log").remark, "");
  assert.match(shading(Float64Array.from([0, 2]), "log").remark, /Not all values are positive/);
});

test("flat and empty surfaces can be shaded", () => {
  assert.equal(shading(Float64Array.from([2, 2]), "log").t(2), 0.5);
  const empty = shading(Float64Array.from([NaN, NaN]), "rank");
  assert.ok(Number.isNaN(empty.t(1)));
  assert.match(empty.remark, /No value/);
});

test("the first view looks over the lower side, whatever is missing", () => {
  assert.ok(home(grid((x) => -x)).azimuth > 0);
  assert.ok(home(grid((x) => x)).azimuth < 0);
  const holes = grid((x, y) => (y < 0 ? NaN : -x));
  assert.ok(home(holes).azimuth > 0);
});
