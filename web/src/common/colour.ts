// Colours that carry numbers: perceptually even, and readable without colour vision.

import { interpolateCividis, interpolateMagma, interpolateViridis } from "d3-scale-chromatic";

export type Ramp = (t: number) => string;

/** The ramps that the reader can choose from. The names are matplotlib's. */
export const RAMPS: Record<string, Ramp> = {
  viridis: interpolateViridis,
  cividis: interpolateCividis,
  magma: interpolateMagma,
};

/** Red, green and blue in 0..1. */
export function rgb(colour: string): [number, number, number] {
  const hex = /^#(..)(..)(..)$/.exec(colour);
  if (hex) return [1, 2, 3].map((i) => parseInt(hex[i], 16) / 255) as [number, number, number];
  const parts = /rgba?\(([^)]+)\)/
    .exec(colour)?.[1]
    .split(/[\s,/]+/)
    .map(Number) ?? [0, 0, 0];
  return [parts[0] / 255, parts[1] / 255, parts[2] / 255];
}

/** Relative luminance, 0 for black to 1 for white. */
export function luminance(colour: string): number {
  const [r, g, b] = rgb(colour).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
