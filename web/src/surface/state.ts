// What the two views of a surface share.

import type { Ramp } from "../common/colour";
import type { Glyph, Surface } from "../common/model";
import { format, full, read } from "../common/number";
import type { Tip } from "../common/tooltip";
import type { Grid } from "./grid";
import type { Shading } from "./shade";

export interface Way {
  name: string;
  colour: string;
  points: WayPoint[];
}

export interface WayPoint {
  step: number;
  x: number;
  y: number;
  loss: number;
  planeLoss: number;
  distance: number;
}

/** Something that the reader points at. */
export type Target = { node: { i: number; j: number } } | { way: number; point: number };

export interface State {
  grid: Grid;
  shading: Shading;
  /** Height of each node, 0..1; NaN where the value is not finite. */
  heights: Float64Array;
  ramp: Ramp;
  ways: Way[];
  landmarks: { label: string; kind: Glyph; x: number; y: number }[];
  /** Where values were evaluated; null where they were at every node. */
  evaluated: { x: Float64Array; y: Float64Array } | null;
  labels: { x: string; y: string; z: string };
  showTrueLoss: boolean;
  /** Tells both views what is pointed at. */
  point(target: Target | null): void;
}

/** Colours of paths that stand out from every ramp. */
export const WAY_COLOURS = [
  "#ff5747",
  "#3fd9ff",
  "#ff8df2",
  "#ffffff",
  "#ffb52e",
  "#9dff6e",
  "#c3b1ff",
  "#ff9e9e",
  "#7effd4",
  "#e3ff3f",
  "#ffd9a8",
  "#8fb8ff",
];

/** Whether there are ways to be told apart. */
export function severalWays(state: State): boolean {
  return state.ways.length > 1;
}

export function readWays(surface: Surface): Way[] {
  return surface.trajectories.map((way, i) => ({
    name: way.name,
    colour: WAY_COLOURS[i % WAY_COLOURS.length],
    points: way.points.map((p) => ({
      step: read(p.step),
      x: read(p.x),
      y: read(p.y),
      loss: read(p.loss),
      planeLoss: read(p.plane_loss),
      distance: read(p.distance),
    })),
  }));
}

/** What the tooltip says about a target. */
export function describe(state: State, target: Target): Tip {
  if ("node" in target) {
    const { xs, ys, z } = state.grid;
    const { i, j } = target.node;
    const value = z[j * xs.length + i];
    return {
      title: `${state.labels.z} ${Number.isFinite(value) ? format(value, 5) : `is not finite: ${full(value)}`}`,
      rows: [
        { label: state.labels.x, value: format(xs[i]) },
        { label: state.labels.y, value: format(ys[j]) },
      ],
    };
  }
  const way = state.ways[target.way];
  const point = way.points[target.point];
  const end = target.point === 0 ? ", start" : target.point === way.points.length - 1 ? ", end" : "";
  return {
    title: `${way.name}, step ${format(point.step, 7)}${end}`,
    rows: [
      { label: "true value", value: format(point.loss, 5) },
      { label: "on the plane", value: format(point.planeLoss, 5) },
      { label: "distance off the plane", value: format(point.distance, 4) },
      { label: state.labels.x, value: format(point.x) },
      { label: state.labels.y, value: format(point.y) },
    ],
  };
}
