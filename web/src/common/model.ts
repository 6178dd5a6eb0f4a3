// The data inside a report: the TypeScript side of the Rust module
// `thalweg_report::model`, where each field is documented.

/** A number; one that is not finite comes as its name, or as null. */
export type Real = number | "NaN" | "inf" | "-inf" | null;
/** A number, text, or null for "not computed". */
export type Cell = number | string | null;

export interface Report {
  title: string;
  subtitle: string;
  headline: Headline[];
  sections: Section[];
  provenance: Provenance;
}

export interface Headline {
  label: string;
  value: Cell;
  unit: string;
  note: string;
}

export interface Section {
  id: string;
  title: string;
  lead: string;
  figures: Figure[];
}

export interface Figure {
  id: string;
  title: string;
  caption: string;
  width: "full" | "half";
  content: Content;
}

export type Content =
  | ({ kind: "card" } & Card)
  | ({ kind: "lines" } & Lines)
  | ({ kind: "density" } & Density)
  | ({ kind: "surface" } & Surface)
  | ({ kind: "table" } & Table)
  | ({ kind: "bars" } & Bars)
  | ({ kind: "tree" } & Tree);

export interface Provenance {
  command: string;
  facts: { label: string; value: string }[];
  notes: string[];
}

export interface Card {
  verdict: { title: string; badge: string; evidence: string; tone: Tone };
  rows: Row[];
}

export type Tone = "minimum" | "saddle" | "maximum" | "plateau" | "moving" | "undecided";

export interface Row {
  label: string;
  value: Cell;
  unit: string;
  uncertainty: Uncertainty | null;
  note: string;
}

export type Uncertainty =
  | { kind: "exact" | "at_least" | "at_most" }
  | { kind: "standard_error" | "residual"; value: Real }
  | { kind: "interval"; low: Real; high: Real; confidence: Real }
  | { kind: "words"; text: string };

export type Scale = "linear" | "log";

export interface Axis {
  label: string;
  scale: Scale;
}

export interface Lines {
  x: Axis;
  y: Axis;
  y2: Axis | null;
  series: Series[];
  marks: Mark[];
}

export type Side = "left" | "right";

export interface Series {
  name: string;
  side: Side;
  stroke: "solid" | "dashed" | "dotted" | "points" | "step";
  x: Real[];
  y: Real[];
  spread: { low: Real[]; high: Real[] } | null;
}

export interface Mark {
  direction: "vertical" | "horizontal";
  at: Real;
  label: string;
  side: Side;
}

export interface Density {
  label: string;
  at: Real[];
  density: Real[];
  stderr: Real[];
  floor: Real;
  eigenvalues: { label: string; value: Real; residual: Real }[];
  exact: Real[];
}

export type Shade = "linear" | "log" | "rank";

export interface Surface {
  x: Axis;
  y: Axis;
  label: string;
  shade: Shade;
  xs: Real[];
  ys: Real[];
  z: Real[];
  trajectories: Trajectory[];
  landmarks: { label: string; x: Real; y: Real }[];
}

export interface Trajectory {
  name: string;
  points: TrajectoryPoint[];
}

export interface TrajectoryPoint {
  step: Real;
  x: Real;
  y: Real;
  loss: Real;
  plane_loss: Real;
  distance: Real;
}

export interface Table {
  columns: Column[];
  rows: Cell[][];
}

export interface Column {
  label: string;
  unit: string;
  note: string;
  align: "left" | "right";
  bar: boolean;
}

export interface Bars {
  label: string;
  y: Axis;
  bars: { label: string; value: Real; stderr: Real }[];
  cumulative: boolean;
}

export interface Tree {
  y: Axis;
  leaves: { label: string; value: Real }[];
  joints: { level: Real; parts: [number, number]; note: string }[];
}
