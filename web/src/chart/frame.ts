// The frame of a chart: size, axes, grid and legend.

import { s } from "../common/dom";
import { textWidth } from "../common/measure";
import { plain, svgText } from "../common/text";
import { axisScale, type AxisScale, type Kind } from "./scale";

export interface AxisSpec {
  label: string;
  kind: Kind;
  domain: [number, number];
  linearWithin?: number;
}

export interface LegendEntry {
  name: string;
  /** Class of its colour. */
  colour: string;
  glyph: "solid" | "dashed" | "dotted" | "points" | "step" | "path" | "band" | "bar" | "eigenvalue" | "way";
  /** The colour of a way over a surface, which no class has. */
  stroke?: string;
  hidden?: boolean;
  onClick?: () => void;
}

export interface FrameSpec {
  title: string;
  width: number;
  plotHeight: number;
  x: AxisSpec;
  y: AxisSpec;
  y2?: AxisSpec;
  legend: LegendEntry[];
  /** Labels under bands of equal width instead of an x axis with numbers. */
  categories?: string[];
  /** Room below the axis, for a rug. */
  below?: number;
  /** Room right of the plot, for a colour bar. */
  room?: number;
}

export interface Frame {
  svg: SVGSVGElement;
  /** Clipped to the plot. */
  inside: SVGGElement;
  /** Above everything, not clipped. */
  over: SVGGElement;
  x: AxisScale;
  y: AxisScale;
  y2?: AxisScale;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

let clips = 0;

export function frame(spec: FrameSpec): Frame {
  const rows = legendRows(spec.legend, spec.width);
  const top = rows.length * 22 + (spec.y.label || spec.y2?.label ? 24 : 8) + 4;
  const below = spec.below ?? 0;
  const bottom = top + spec.plotHeight;
  const count = (kind: Kind) => Math.max(3, spec.plotHeight / (kind === "log" ? 32 : 50));
  const y = axisScale(spec.y.kind, spec.y.domain, [bottom, top], count(spec.y.kind), spec.y.linearWithin);
  const y2 =
    spec.y2 &&
    axisScale(spec.y2.kind, spec.y2.domain, [bottom, top], count(spec.y2.kind), spec.y2.linearWithin);
  const widest = (axis: AxisScale) => Math.max(0, ...axis.ticks.map((tick) => textWidth(tick.label, 11.5)));
  const left = Math.ceil(widest(y)) + 14;
  const right = spec.width - (spec.room ?? (y2 ? Math.ceil(widest(y2)) + 14 : 16));
  const height = bottom + below + 24 + (spec.x.label ? 22 : 4);
  const x = axisScale(
    spec.x.kind,
    spec.x.domain,
    [left, right],
    Math.max(3, (right - left) / 90),
    spec.x.linearWithin,
  );

  const clip = `clip-${++clips}`;
  const svg = s("svg", {
    class: "chart",
    width: spec.width,
    height,
    viewBox: `0 0 ${spec.width} ${height}`,
    role: "group",
    "aria-label": plain(spec.title),
  });
  svg.append(
    s(
      "defs",
      {},
      s(
        "clipPath",
        { id: clip },
        s("rect", { x: left, y: top, width: Math.max(0, right - left), height: spec.plotHeight }),
      ),
    ),
  );
  svg.append(drawLegend(rows));
  svg.append(s("g", { class: "axis" }, ...gridLines(x, y, left, right, top, bottom, !spec.categories)));
  const labels = s("g", { class: "axis" });
  labels.append(
    ...tickLabels(y, (tick) => ({ x: left - 8, y: y.at(tick), "text-anchor": "end", dy: "0.32em" })),
  );
  if (y2) labels.append(...tickLabels(y2, (tick) => ({ x: right + 8, y: y2.at(tick), dy: "0.32em" })));
  if (spec.categories) labels.append(...categoryLabels(spec.categories, x, bottom + below));
  else
    labels.append(
      ...tickLabels(x, (tick) => ({ x: x.at(tick), y: bottom + below + 18, "text-anchor": "middle" })),
    );
  if (spec.x.label)
    labels.append(
      svgText(spec.x.label, {
        class: "axis-title",
        x: (left + right) / 2,
        y: height - 6,
        "text-anchor": "middle",
      }),
    );
  if (spec.y.label) labels.append(svgText(spec.y.label, { class: "axis-title", x: 2, y: top - 12 }));
  if (spec.y2?.label)
    labels.append(
      svgText(spec.y2.label, { class: "axis-title", x: spec.width - 2, y: top - 12, "text-anchor": "end" }),
    );
  const inside = s("g", { "clip-path": `url(#${clip})` });
  const over = s("g", {});
  svg.append(inside, labels, over);
  return { svg, inside, over, x, y, y2, left, right, top, bottom };
}

function gridLines(
  x: AxisScale,
  y: AxisScale,
  left: number,
  right: number,
  top: number,
  bottom: number,
  vertical: boolean,
): SVGElement[] {
  const line = (x1: number, y1: number, x2: number, y2: number, name: string) =>
    s("line", { class: name, x1, x2, y1, y2 });
  const across = y.ticks.map(({ value, label }) =>
    line(left, y.at(value), right, y.at(value), label ? "grid" : "grid minor"),
  );
  const up = vertical
    ? x.ticks.map(({ value, label }) =>
        line(x.at(value), top, x.at(value), bottom, label ? "grid" : "grid minor"),
      )
    : [];
  return [...up, ...across, line(left, bottom, right, bottom, "base")];
}

function tickLabels(
  axis: AxisScale,
  place: (value: number) => Record<string, string | number>,
): SVGElement[] {
  return axis.ticks
    .filter((tick) => tick.label)
    .map((tick) => s("text", { class: "tick", ...place(tick.value) }, tick.label));
}

function categoryLabels(names: string[], x: AxisScale, bottom: number): SVGElement[] {
  const room = Math.abs(x.at(1) - x.at(0));
  const stride = Math.ceil(Math.max(...names.map((name) => textWidth(name, 11.5) + 8)) / room);
  return names.flatMap((name, i) =>
    i % stride ? [] : [svgText(name, { class: "tick", x: x.at(i), y: bottom + 18, "text-anchor": "middle" })],
  );
}

interface PlacedEntry extends LegendEntry {
  x: number;
  y: number;
  width: number;
}

function legendRows(entries: LegendEntry[], width: number): PlacedEntry[][] {
  const rows: PlacedEntry[][] = [];
  let x = Infinity;
  for (const entry of entries) {
    const needed = 30 + textWidth(entry.name, 12.5) + 18;
    if (x + needed > width) {
      rows.push([]);
      x = 0;
    }
    rows[rows.length - 1].push({ ...entry, x, y: rows.length * 22 - 8, width: needed - 12 });
    x += needed;
  }
  return rows;
}

function drawLegend(rows: PlacedEntry[][]): SVGElement {
  return s(
    "g",
    { class: "legend" },
    ...rows.flat().map((entry) => {
      const act = entry.onClick;
      const group = s(
        "g",
        {
          class: `entry ${entry.colour}${entry.hidden ? " off" : ""}`,
          transform: `translate(${entry.x},${entry.y})`,
          ...(act && {
            role: "button",
            tabindex: 0,
            "aria-pressed": String(!entry.hidden),
            "aria-label": plain(entry.name),
          }),
        },
        s("rect", { class: "hit", x: -3, y: -14, width: entry.width, height: 20, rx: 4 }),
        ...glyph(entry.glyph, entry.stroke),
        svgText(entry.name, { x: 28, y: 0 }),
      );
      if (act) {
        group.addEventListener("click", act);
        group.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          act();
        });
      }
      return group;
    }),
  );
}

function glyph(kind: LegendEntry["glyph"], stroke = ""): SVGElement[] {
  switch (kind) {
    case "way": {
      const d = "M1,-4H21";
      return [
        s("g", { class: "way" }, s("path", { class: "casing", d }), s("path", { class: "line", d, stroke })),
      ];
    }
    case "band":
    case "bar":
      return [s("rect", { class: `glyph-${kind}`, x: 2, y: -9, width: 18, height: 10, rx: 2 })];
    case "points":
      return [s("circle", { class: "dot", cx: 11, cy: -4, r: 3.2 })];
    case "eigenvalue":
      return [
        s("line", { class: "stem", x1: 11, x2: 11, y1: 1, y2: -6 }),
        s("circle", { class: "dot", cx: 11, cy: -7, r: 3.2 }),
      ];
    default: {
      const line = s("line", { class: `curve ${kind}`, x1: 0, x2: 22, y1: -4, y2: -4 });
      return kind === "dotted" ? [line, s("circle", { class: "dot", cx: 11, cy: -4, r: 3.2 })] : [line];
    }
  }
}
