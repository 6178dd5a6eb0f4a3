// What a ray from the reader's eye meets.

import { between, isWhole, nearestNode, type Grid } from "./grid";
import { cross, dot, subtract, type Space, type Vec } from "./space";

/** The grid node nearest to where a ray meets the surface; null where it misses. */
export function pickNode(
  grid: Grid,
  heights: Float64Array,
  box: Space,
  eye: Vec,
  ray: Vec,
): { i: number; j: number } | null {
  const { xs, ys } = grid;
  const nx = xs.length;
  let closest = Infinity;
  let hit: { x: number; y: number } | null = null;
  const corner = (i: number, j: number) => box.toWorld(xs[i], ys[j], heights[j * nx + i]);
  for (let j = 0; j + 1 < ys.length; j++) {
    for (let i = 0; i + 1 < nx; i++) {
      if (!isWhole(grid, i, j)) continue;
      const [a, b, c, d] = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
      for (const half of [0, 1]) {
        const met = half ? meet(eye, ray, a, c, d) : meet(eye, ray, a, b, c);
        if (!met || met.distance >= closest) continue;
        closest = met.distance;
        const [u, v] = half ? [met.first, met.first + met.second] : [met.first + met.second, met.second];
        hit = { x: between(xs, i + u), y: between(ys, j + v) };
      }
    }
  }
  return hit && nearestNode(grid, hit.x, hit.y);
}

/** Möller and Trumbore's test of a ray against a triangle, from either side. */
function meet(
  eye: Vec,
  ray: Vec,
  a: Vec,
  b: Vec,
  c: Vec,
): { distance: number; first: number; second: number } | null {
  const [ab, ac] = [subtract(b, a), subtract(c, a)];
  const p = cross(ray, ac);
  const determinant = dot(ab, p);
  if (Math.abs(determinant) < 1e-12) return null;
  const from = subtract(eye, a);
  const first = dot(from, p) / determinant;
  if (first < 0 || first > 1) return null;
  const q = cross(from, ab);
  const second = dot(ray, q) / determinant;
  if (second < 0 || first + second > 1) return null;
  const distance = dot(ac, q) / determinant;
  return distance > 0 ? { distance, first, second } : null;
}
