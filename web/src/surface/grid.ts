// Values on a rectangular grid, as a surface of two triangles a cell.

import { nearest } from "../chart/path";
import type { Surface } from "../common/model";
import { readAll } from "../common/number";

export interface Grid {
  xs: Float64Array;
  ys: Float64Array;
  /** Row-major: the value at (xs[i], ys[j]) is z[j * xs.length + i]. */
  z: Float64Array;
}

export function readGrid(surface: Surface): Grid {
  return { xs: readAll(surface.xs), ys: readAll(surface.ys), z: readAll(surface.z) };
}

/** Whether all four corners of a cell are finite. */
export function isWhole({ xs, z }: Grid, i: number, j: number): boolean {
  const at = j * xs.length + i;
  return [at, at + 1, at + xs.length, at + xs.length + 1].every((k) => Number.isFinite(z[k]));
}

/** Height at a place, from any values on the nodes; NaN outside the grid and over holes. */
export function interpolate({ xs, ys }: Grid, values: ArrayLike<number>, x: number, y: number): number {
  const i = cell(xs, x);
  const j = cell(ys, y);
  if (i < 0 || j < 0) return NaN;
  const u = (x - xs[i]) / (xs[i + 1] - xs[i]);
  const v = (y - ys[j]) / (ys[j + 1] - ys[j]);
  const at = j * xs.length + i;
  const [a, b, c, d] = [values[at], values[at + 1], values[at + xs.length], values[at + xs.length + 1]];
  // The diagonal runs from the lower left to the upper right, as in the mesh.
  return u >= v ? a + u * (b - a) + v * (d - b) : a + v * (c - a) + u * (d - c);
}

/** The node nearest to a place, or null outside the grid. */
export function nearestNode({ xs, ys }: Grid, x: number, y: number): { i: number; j: number } | null {
  const inside = x >= xs[0] && x <= xs[xs.length - 1] && y >= ys[0] && y <= ys[ys.length - 1];
  return inside ? { i: nearest(xs, x), j: nearest(ys, y) } : null;
}

/** A place between nodes, by its index: 0.5 is halfway between the first two. */
export function between(places: Float64Array, index: number): number {
  const i = Math.min(Math.max(Math.floor(index), 0), places.length - 2);
  return places[i] + (index - i) * (places[i + 1] - places[i]);
}

function cell(places: Float64Array, value: number): number {
  const last = places.length - 1;
  if (!(value >= places[0] && value <= places[last])) return -1;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (places[middle] <= value) low = middle;
    else high = middle;
  }
  return low;
}
