// Triangles: the surface, its floor, tubes along paths.

import { interpolate, isWhole } from "./grid";
import { cross, FLOOR, subtract, unit, type Space, type Vec } from "./space";
import type { State, Way } from "./state";

export interface Triangles {
  position: Float32Array;
  normal: Float32Array;
  /** Height 0..1 for colour; -1 for a hole. */
  t: Float32Array;
  index: Uint32Array;
}

export function surfaceMesh(state: State, box: Space): Triangles {
  const { grid, heights } = state;
  const [nx, ny] = [grid.xs.length, grid.ys.length];
  const position = new Float32Array(3 * nx * ny);
  const t = Float32Array.from(heights, (v) => (Number.isFinite(v) ? v : 0));
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++)
      position.set(box.toWorld(grid.xs[i], grid.ys[j], t[j * nx + i]), 3 * (j * nx + i));
  }
  const index: number[] = [];
  for (let j = 0; j + 1 < ny; j++) {
    for (let i = 0; i + 1 < nx; i++) {
      if (!isWhole(grid, i, j)) continue;
      const a = j * nx + i;
      index.push(a, a + 1, a + nx + 1, a, a + nx + 1, a + nx);
    }
  }
  return { position, normal: normals(position, index), t, index: Uint32Array.from(index) };
}

/** The same triangles flat below the surface; holes are kept, with t = -1. */
export function floorMesh(state: State, box: Space): Triangles {
  const { grid, heights } = state;
  const { xs, ys } = grid;
  const [position, normal, t, index]: number[][] = [[], [], [], []];
  for (let j = 0; j + 1 < ys.length; j++) {
    for (let i = 0; i + 1 < xs.length; i++) {
      const whole = isWhole(grid, i, j);
      const first = t.length;
      for (const [di, dj] of [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ]) {
        const [x, , z] = box.toWorld(xs[i + di], ys[j + dj], 0);
        position.push(x, FLOOR, z);
        normal.push(0, 1, 0);
        t.push(whole ? heights[(j + dj) * xs.length + i + di] : -1);
      }
      index.push(first, first + 1, first + 2, first, first + 2, first + 3);
    }
  }
  return {
    position: Float32Array.from(position),
    normal: Float32Array.from(normal),
    t: Float32Array.from(t),
    index: Uint32Array.from(index),
  };
}

/** A path laid onto the surface, broken where it leaves it. */
export function drape(state: State, box: Space, way: Way, lift: number): Vec[][] {
  const parts: Vec[][] = [];
  let open = false;
  const add = (x: number, y: number) => {
    const t = interpolate(state.grid, state.heights, x, y);
    if (!Number.isFinite(t)) return void (open = false);
    const [px, py, pz] = box.toWorld(x, y, t);
    if (!open) parts.push([]);
    parts[parts.length - 1].push([px, py + lift, pz]);
    open = true;
  };
  const cell = Math.min(smallest(state.grid.xs), smallest(state.grid.ys));
  way.points.forEach((point, i) => {
    if (i === 0) return add(point.x, point.y);
    const before = way.points[i - 1];
    const pieces = Math.min(
      64,
      Math.max(1, Math.ceil((2 * Math.hypot(point.x - before.x, point.y - before.y)) / cell)),
    );
    for (let k = 1; k <= pieces; k++) {
      const share = k / pieces;
      add(before.x + share * (point.x - before.x), before.y + share * (point.y - before.y));
    }
  });
  return parts;
}

/** A round tube along a line. */
export function tube(line: Vec[], radius: number, sides = 10): Triangles {
  const path = line.filter((p, i) => i === 0 || Math.hypot(...subtract(p, line[i - 1])) > 1e-6);
  const [position, normal, index]: number[][] = [[], [], []];
  let side: Vec = [0, 0, 0];
  path.forEach((point, i) => {
    const along = unit(subtract(path[Math.min(i + 1, path.length - 1)], path[Math.max(i - 1, 0)]));
    // Carry the frame along, so that the tube does not twist.
    const reference =
      i === 0 ? ((Math.abs(along[1]) < 0.9 ? [0, 1, 0] : [1, 0, 0]) as Vec) : cross(along, side);
    side = unit(cross(reference, along));
    const other = cross(along, side);
    for (let k = 0; k < sides; k++) {
      const angle = (2 * Math.PI * k) / sides;
      const [c, d] = [Math.cos(angle), Math.sin(angle)];
      for (let axis = 0; axis < 3; axis++) {
        const n = c * side[axis] + d * other[axis];
        normal.push(n);
        position.push(point[axis] + radius * n);
      }
      if (i > 0) {
        const [a, b] = [(i - 1) * sides + k, (i - 1) * sides + ((k + 1) % sides)];
        index.push(a, b, b + sides, a, b + sides, a + sides);
      }
    }
  });
  return {
    position: Float32Array.from(position),
    normal: Float32Array.from(normal),
    t: new Float32Array(position.length / 3),
    index: Uint32Array.from(index),
  };
}

function smallest(places: Float64Array): number {
  return places.reduce((least, v, i) => (i ? Math.min(least, v - places[i - 1]) : least), Infinity);
}

function normals(position: Float32Array, index: number[]): Float32Array {
  const normal = new Float32Array(position.length);
  const at = (i: number): Vec => [position[3 * i], position[3 * i + 1], position[3 * i + 2]];
  for (let k = 0; k < index.length; k += 3) {
    const corners = [index[k], index[k + 1], index[k + 2]];
    const [a, b, c] = corners.map(at);
    const n = cross(subtract(b, a), subtract(c, a));
    for (const corner of corners) for (let axis = 0; axis < 3; axis++) normal[3 * corner + axis] += n[axis];
  }
  for (let i = 0; i < normal.length; i += 3) {
    normal.set(unit([normal[i], normal[i + 1], normal[i + 2]]), i);
  }
  return normal;
}

/** A ball at each place. */
export function balls(places: Vec[], radius: number): Triangles {
  const [around, up] = [12, 8];
  const [position, normal, index]: number[][] = [[], [], []];
  for (const place of places) {
    const first = position.length / 3;
    for (let v = 0; v <= up; v++) {
      for (let u = 0; u <= around; u++) {
        const [theta, phi] = [(Math.PI * v) / up, (2 * Math.PI * u) / around];
        const n = [Math.sin(theta) * Math.cos(phi), Math.cos(theta), Math.sin(theta) * Math.sin(phi)];
        normal.push(...n);
        position.push(...n.map((c, axis) => place[axis] + radius * c));
        if (u === around || v === up) continue;
        const a = first + v * (around + 1) + u;
        index.push(a, a + 1, a + around + 2, a, a + around + 2, a + around + 1);
      }
    }
  }
  return {
    position: Float32Array.from(position),
    normal: Float32Array.from(normal),
    t: new Float32Array(position.length / 3),
    index: Uint32Array.from(index),
  };
}
