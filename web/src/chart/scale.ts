// Scales of axes: positions, ticks and their labels.

import { scaleLinear, scaleLog, scaleSymlog } from "d3-scale";
import { clamp, format, powerOfTen } from "../common/number";

export type Kind = "linear" | "log" | "symlog";

export interface Tick {
  value: number;
  /** Empty for a minor tick. */
  label: string;
}

export interface AxisScale {
  kind: Kind;
  domain: [number, number];
  /** Position in pixels. */
  at(value: number): number;
  invert(position: number): number;
  ticks: Tick[];
}

/** A scale with about `count` labelled ticks. `linearWithin` is where a symlog scale is linear. */
export function axisScale(
  kind: Kind,
  domain: [number, number],
  range: [number, number],
  count: number,
  linearWithin = 1,
): AxisScale {
  const base =
    kind === "log"
      ? scaleLog(domain, range)
      : kind === "symlog"
        ? scaleSymlog(domain, range).constant(linearWithin)
        : scaleLinear(domain, range);
  const at = (value: number) => base(value) as number;
  const values =
    kind === "log"
      ? logTicks(domain, count)
      : kind === "symlog"
        ? symlogTicks(domain, linearWithin, at)
        : linearTicks(domain, count);
  return { kind, domain, at, invert: (position) => base.invert(position), ticks: values };
}

/** The smallest domain that holds all values, with some air. */
export function extent(values: Iterable<number>, kind: Kind): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value) || (kind === "log" && value <= 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return kind === "log" ? [0.1, 10] : [0, 1];
  if (kind === "log") {
    const air = Math.max((high / low) ** 0.05, 1.05);
    return [low / air, high * air];
  }
  const air = high === low ? Math.abs(high) * 0.1 || 1 : (high - low) * 0.05;
  return [low - air, high + air];
}

export function linearTicks(domain: [number, number], count: number): Tick[] {
  const values = scaleLinear(domain, [0, 1]).ticks(count);
  const step = values.length > 1 ? Math.abs(values[1] - values[0]) : Math.abs(values[0] ?? 1);
  const size = Math.max(...values.map(Math.abs), step);
  const digits = clamp(Math.ceil(Math.log10(size / step)) + 1, 2, 12);
  return values.map((value) => ({ value, label: format(Math.abs(value) < step / 1e6 ? 0 : value, digits) }));
}

export function logTicks(domain: [number, number], count: number): Tick[] {
  const [low, high] = domain.map(Math.log10);
  if (high - low < 1.3) {
    const within = (factors: number[]) =>
      decades(low, high)
        .flatMap((d) => factors.map((f) => f * 10 ** d))
        .filter((v) => v >= domain[0] * 0.999 && v <= domain[1] * 1.001);
    const labelled = within([1, 2, 5]);
    if (labelled.length < 3) return linearTicks(domain, count);
    return labelled.map((value) => ({ value, label: format(value) }));
  }
  const stride = Math.max(1, Math.ceil((high - low) / Math.max(count, 2)));
  return decades(low, high)
    .flatMap((decade) => {
      const labelled = decade % stride === 0;
      const tick = { value: 10 ** decade, label: labelled ? powerOfTen(decade) : "" };
      const minor =
        stride > 1 || high - low > 5
          ? []
          : [2, 3, 4, 5, 6, 7, 8, 9].map((f) => ({ value: f * 10 ** decade, label: "" }));
      return [tick, ...minor];
    })
    .filter(({ value }) => value >= domain[0] * 0.999 && value <= domain[1] * 1.001);
}

function symlogTicks(domain: [number, number], linearWithin: number, at: (value: number) => number): Tick[] {
  const top = Math.floor(Math.log10(Math.max(...domain.map(Math.abs), linearWithin)));
  const bottom = Math.ceil(Math.log10(linearWithin));
  const positive = Array.from({ length: Math.max(0, top - bottom + 1) }, (_, i) => 10 ** (top - i));
  const candidates = [0, ...positive.flatMap((v) => [v, -v])];
  const kept: number[] = [];
  for (const value of candidates) {
    const inside = value >= domain[0] && value <= domain[1];
    if (inside && kept.every((other) => Math.abs(at(other) - at(value)) > 44)) kept.push(value);
  }
  return kept.map((value) => ({
    value,
    label:
      value === 0 ? "0" : (value < 0 ? "\u2212" : "") + powerOfTen(Math.round(Math.log10(Math.abs(value)))),
  }));
}

function decades(low: number, high: number): number[] {
  const first = Math.floor(low);
  return Array.from({ length: Math.ceil(high) - first + 1 }, (_, i) => first + i);
}
