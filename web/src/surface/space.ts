// From data to the box in which the surface stands.

import type { Grid } from "./grid";
import { clamp } from "../common/number";

export type Vec = [number, number, number];

/** Height of the surface's box; its longer side is 2. */
export const HEIGHT = 0.95;
/** Where the projected contours lie. */
export const FLOOR = -0.42;
/** How far true values beyond the surface's own range are still drawn, in its heights. */
export const REACH = 0.3;

export interface Space {
  halfX: number;
  halfZ: number;
  /** x to the right, height up, y away from the reader. */
  toWorld(x: number, y: number, t: number): Vec;
}

export function space({ xs, ys }: Grid): Space {
  const [spanX, spanY] = [xs[xs.length - 1] - xs[0], ys[ys.length - 1] - ys[0]];
  const ratio = clamp(spanY / spanX, 0.6, 1 / 0.6);
  const halfX = Math.min(1, 1 / ratio);
  const halfZ = Math.min(1, ratio);
  return {
    halfX,
    halfZ,
    toWorld: (x, y, t) => [
      ((2 * (x - xs[0])) / spanX) * halfX - halfX,
      clamp(t, -REACH, 1 + REACH) * HEIGHT,
      halfZ - ((2 * (y - ys[0])) / spanY) * halfZ,
    ],
  };
}

export function subtract(a: Vec, b: Vec): Vec {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

export function cross(a: Vec, b: Vec): Vec {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function dot(a: Vec, b: Vec): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function unit(a: Vec): Vec {
  const length = Math.hypot(...a) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
}
