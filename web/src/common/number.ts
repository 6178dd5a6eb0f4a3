// Numbers: reading them from the report's JSON, and writing them for people.

import type { Cell, Real, Uncertainty } from "./model";

const NAMED: Record<string, number> = { NaN: NaN, inf: Infinity, "-inf": -Infinity };

/** The number that the report's JSON stands for; null is NaN. */
export function read(value: Real): number {
  if (typeof value === "number") return value;
  return value === null ? NaN : (NAMED[value] ?? NaN);
}

export function readAll(values: Real[]): Float64Array {
  return Float64Array.from(values, read);
}

/** The number of a cell, or null for text and for what was not computed. */
export function cellNumber(cell: Cell): number | null {
  if (typeof cell === "number") return cell;
  return typeof cell === "string" && cell in NAMED ? NAMED[cell] : null;
}

const MINUS = "\u2212";
const SUPERSCRIPT: Record<string, string> = {
  "-": "\u207b",
  "0": "\u2070",
  "1": "\u00b9",
  "2": "\u00b2",
  "3": "\u00b3",
  "4": "\u2074",
  "5": "\u2075",
  "6": "\u2076",
  "7": "\u2077",
  "8": "\u2078",
  "9": "\u2079",
};

/** `digits` significant digits: 0.01234, 12,345, 1.2×10⁻⁷. */
export function format(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : MINUS + "∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return group(value.toFixed(0));
  const exponent = Math.floor(Math.log10(Number(size.toPrecision(digits))));
  if (exponent < -4 || exponent >= Math.max(digits, 6)) return scientific(value, digits - 1, true);
  return group(trimZeros(value.toFixed(Math.max(0, digits - 1 - exponent))));
}

/** Mantissa with that many decimals, and the power of ten: 1.2×10⁻⁷. */
export function scientific(value: number, decimals: number, trim = false): string {
  const [mantissa, exponent] = value.toExponential(decimals).split("e");
  return `${group(trim ? trimZeros(mantissa) : mantissa)}×10${superscript(Number(exponent))}`;
}

/** A power of ten as an axis writes it: 0.01, 1, 10, 10⁻⁶. */
export function powerOfTen(exponent: number): string {
  return Math.abs(exponent) <= 3 ? format(10 ** exponent) : `10${superscript(exponent)}`;
}

export function superscript(exponent: number): string {
  return String(exponent).replace(/./g, (c) => SUPERSCRIPT[c]);
}

/** A value with as many decimals as its error deserves: two digits of the error. */
export function formatWithError(value: number, error: number): { value: string; error: string } {
  if (!Number.isFinite(value) || !Number.isFinite(error) || error <= 0) {
    return { value: format(value), error: format(error, 2) };
  }
  const place = Math.floor(Math.log10(error)) - 1;
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  // Beyond ten digits the value would be unreadable; the error says enough.
  if (exponent - place > 10 || exponent < -4 || exponent >= 7) {
    return { value: format(value, clamp(exponent - place + 1, 2, 6)), error: format(error, 2) };
  }
  if (exponent - place > 6) return { value: format(value, 6), error: format(error, 2) };
  const decimals = clamp(-place, 0, 12);
  return { value: group(value.toFixed(decimals)), error: group(error.toFixed(decimals)) };
}

/** The uncertainty of a value, in words and signs. */
export function formatUncertainty(uncertainty: Uncertainty, value: number): string {
  switch (uncertainty.kind) {
    case "exact":
      return "exact";
    case "at_least":
      return "lower bound";
    case "at_most":
      return "upper bound";
    case "words":
      return uncertainty.text;
    case "residual":
      return `± ${format(read(uncertainty.value), 2)} (residual)`;
    case "standard_error":
      return `± ${formatWithError(value, read(uncertainty.value)).error} (std. error)`;
    case "interval": {
      const share = format(100 * read(uncertainty.confidence), 3);
      return `${format(read(uncertainty.low))} … ${format(read(uncertainty.high))} (${share} %)`;
    }
  }
}

/** Every digit, for hovering and for CSV. */
export function full(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Thousands apart, and a true minus sign. */
function group(text: string): string {
  const [, sign, whole, rest] = /^(-?)(\d+)(.*)$/.exec(text)!;
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  return (sign ? MINUS : "") + grouped + rest;
}
