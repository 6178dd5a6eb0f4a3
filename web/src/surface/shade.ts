// How a value becomes height and colour: linear, logarithmic or by rank.

import { ticks } from "d3-array";
import { logTicks } from "../chart/scale";
import type { Shade } from "../common/model";
import { format } from "../common/number";

export interface Level {
  value: number;
  /** Height, 0 for the lowest value of the surface and 1 for the highest. */
  t: number;
  label: string;
}

export interface Shading {
  kind: Shade;
  /** What the reader should know about the scale; empty for the plain ones. */
  remark: string;
  t(value: number): number;
  levels: Level[];
  /** Where the scale is fixed, its ends. */
  limits?: Limits | null;
}

export interface Limits {
  low: number;
  high: number;
}

/** With limits, values beyond them count as the nearer one, and the scale ends there. */
export function shading(z: Float64Array, kind: Shade, limits?: Limits | null): Shading {
  if (!limits) return free(z, kind);
  const clip = (v: number) => Math.min(Math.max(v, limits.low), limits.high);
  const inside = free(
    Float64Array.from([limits.low, limits.high, ...z.filter(Number.isFinite).map(clip)]),
    kind,
  );
  return { ...inside, limits, t: (value) => (Number.isNaN(value) ? NaN : inside.t(clip(value))) };
}

function free(z: Float64Array, kind: Shade): Shading {
  const sorted = z.filter(Number.isFinite).sort();
  if (!sorted.length) return { kind, remark: "No value on this grid is finite.", t: () => NaN, levels: [] };
  const low = sorted[0];
  const high = sorted[sorted.length - 1];
  if (low === high) {
    const level = { value: low, t: 0.5, label: format(low) };
    return {
      kind,
      remark: "All finite values are equal.",
      t: (v) => (v === low ? 0.5 : v < low ? 0 : v > low ? 1 : NaN),
      levels: [level],
    };
  }
  if (kind === "linear") return linear(low, high);
  return kind === "log" ? logarithmic(sorted, low, high) : byRank(sorted);
}

function linear(low: number, high: number): Shading {
  const t = (value: number) => (value - low) / (high - low);
  return { kind: "linear", remark: "", t, levels: level(ticks(low, high, 12), t) };
}

function logarithmic(sorted: Float64Array, low: number, high: number): Shading {
  if (low > 0) {
    const [from, to] = [Math.log10(low), Math.log10(high)];
    const t = (value: number) =>
      value > 0 ? (Math.log10(value) - from) / (to - from) : value <= 0 ? -Infinity : NaN;
    return { kind: "log", remark: "", t, levels: level(niceLogarithmic(low, high), t) };
  }
  // Heights above the lowest value; its own logarithm is set one smallest step below the rest.
  const step = Math.max(sorted.find((v) => v > low)! - low, (high - low) * 1e-6);
  const span = Math.log10((high - low + step) / step);
  const t = (value: number) => Math.log10(Math.max(value - low, 0) / step + 1) / span;
  const inverse = (height: number) => low + step * (10 ** (height * span) - 1);
  const rounded = Array.from({ length: 11 }, (_, i) => Number(inverse((i + 1) / 12).toPrecision(2)));
  return {
    kind: "log",
    remark: `Not all values are positive: the scale is the logarithm of the height above the lowest one, ${format(low)}.`,
    t,
    levels: level(
      rounded.filter((v) => v > low && v < high),
      t,
    ),
  };
}

function byRank(sorted: Float64Array): Shading {
  const last = sorted.length - 1;
  const t = (value: number) => {
    if (Number.isNaN(value)) return NaN;
    let [from, to] = [0, last];
    if (value <= sorted[0]) return 0;
    if (value >= sorted[last]) return 1;
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if (sorted[middle] <= value) from = middle;
      else to = middle;
    }
    const gap = sorted[to] - sorted[from];
    return (from + (gap > 0 ? (value - sorted[from]) / gap : 0)) / last;
  };
  const shares = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);
  const levels = shares.map((share) => {
    const value = sorted[Math.round(share * last)];
    return { value, t: t(value), label: format(value, 2) };
  });
  return {
    kind: "rank",
    remark: "Height and colour are the share of grid points with a lower value.",
    t,
    levels,
  };
}

function niceLogarithmic(low: number, high: number): number[] {
  const decades = Math.log10(high / low);
  if (decades < 1.3) return ticks(low, high, 12);
  const factors = decades < 3 ? [1, 1.5, 2, 3, 5, 7] : decades < 6 ? [1, 2, 5] : decades < 10 ? [1, 3] : [1];
  const first = Math.floor(Math.log10(low));
  const all = Array.from({ length: Math.ceil(decades) + 2 }, (_, i) =>
    factors.map((f) => f * 10 ** (first + i)),
  ).flat();
  const inside = all.filter((v) => v > low && v < high);
  return inside.length <= 24 ? inside : logTicks([low, high], 12).map((tick) => tick.value);
}

function level(values: number[], t: (value: number) => number): Level[] {
  return [...new Set(values)].map((value) => ({ value, t: t(value), label: format(value, 3) }));
}
