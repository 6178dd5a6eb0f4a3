// Curves with gaps: what is not finite is never drawn across.

import type { AxisScale } from "./scale";

export interface Point {
  x: number;
  y: number;
}

/** The finite stretches of a curve, in pixels, thinned to what the screen can show unless it runs back and forth. */
export function stretches(
  xs: Float64Array,
  ys: Float64Array,
  x: AxisScale,
  y: AxisScale,
  whole = false,
): Point[][] {
  const parts: Point[][] = [];
  let open = false;
  for (let i = 0; i < xs.length; i++) {
    const point = { x: x.at(xs[i]), y: y.at(ys[i]) };
    if (!drawable(ys[i], y) || !drawable(xs[i], x)) {
      open = false;
      continue;
    }
    if (!open) parts.push([]);
    parts[parts.length - 1].push(point);
    open = true;
  }
  return whole ? parts : parts.map(thin);
}

export function drawable(value: number, scale: AxisScale): boolean {
  return Number.isFinite(value) && (scale.kind !== "log" || value > 0);
}

/** First, lowest, highest and last point of each column of pixels: looks the same. */
export function thin(points: Point[]): Point[] {
  const span = points.length ? points[points.length - 1].x - points[0].x : 0;
  if (points.length < 4 * Math.max(span, 100)) return points;
  const kept: Point[] = [];
  for (let start = 0; start < points.length;) {
    const column = Math.floor(points[start].x);
    let end = start;
    let low = start;
    let high = start;
    while (end < points.length && Math.floor(points[end].x) === column) {
      if (points[end].y < points[low].y) low = end;
      if (points[end].y > points[high].y) high = end;
      end++;
    }
    const chosen = [...new Set([start, low, high, end - 1])].sort((a, b) => a - b);
    kept.push(...chosen.map((i) => points[i]));
    start = end;
  }
  return kept;
}

/** The index of the entry nearest to a value, in an ascending list. */
export function nearest(xs: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = xs.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low > 0 && Math.abs(xs[low - 1] - value) <= Math.abs(xs[low] - value) ? low - 1 : low;
}

/** The same in a list of any order. */
export function closest(xs: ArrayLike<number>, value: number): number {
  let best = 0;
  for (let i = 1; i < xs.length; i++) if (Math.abs(xs[i] - value) < Math.abs(xs[best] - value)) best = i;
  return best;
}

export function linePath(points: Point[], step = false): string {
  const p = (v: number) => v.toFixed(2);
  return points
    .map(({ x, y }, i) => {
      if (i === 0) return `M${p(x)},${p(y)}`;
      return step ? `H${p(x)}V${p(y)}` : `L${p(x)},${p(y)}`;
    })
    .join("");
}

/** The area between two curves over the same places. */
export function bandPath(low: Point[], high: Point[]): string {
  return (
    linePath(high) +
    [...low]
      .reverse()
      .map(({ x, y }) => `L${x.toFixed(2)},${y.toFixed(2)}`)
      .join("") +
    "Z"
  );
}
