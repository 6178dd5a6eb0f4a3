// Curves over a common axis.

import { choice, button } from "../common/controls";
import { h, s } from "../common/dom";
import type { Drawing } from "../common/drawing";
import type { Axis, Lines, Scale, Series } from "../common/model";
import { clamp, format, full, read, readAll } from "../common/number";
import { savePng, saveCsv, saveSvg } from "../common/save";
import { plain, rich, svgText } from "../common/text";
import { frame, type Frame, type LegendEntry } from "./frame";
import { interact, type Hover } from "./interact";
import { bandPath, closest, drawable, linePath, nearest, stretches } from "./path";
import { extent, type AxisScale } from "./scale";

interface Curve {
  name: string;
  colour: string;
  right: boolean;
  stroke: Series["stroke"];
  x: Float64Array;
  y: Float64Array;
  low?: Float64Array;
  high?: Float64Array;
  hidden: boolean;
}

export function drawLines(lines: Lines, id: string, title: string): Drawing {
  const curves: Curve[] = lines.series.map((series, i) => ({
    name: series.name,
    colour: `c${i % 8}${i < 8 ? "" : " again"}`,
    right: series.side === "right",
    stroke: series.stroke,
    x: readAll(series.x),
    y: readAll(series.y),
    low: series.spread ? readAll(series.spread.low) : undefined,
    high: series.spread ? readAll(series.spread.high) : undefined,
    hidden: false,
  }));
  const holder = h("div", { class: "plot" });
  const notes = h("div", { class: "notes" });
  const kinds: Record<"left" | "right", Scale> = { left: lines.y.scale, right: lines.y2?.scale ?? "linear" };
  let zoom: [number, number] | null = null;
  let width = 0;
  let svg: SVGSVGElement;

  const reset = button("Reset zoom", "Show the whole range again (double click)", () => setZoom(null));
  const setZoom = (range: [number, number] | null) => {
    zoom = range;
    draw();
  };
  const draw = () => {
    reset.hidden = !zoom;
    const legend: LegendEntry[] = curves.map((curve) => ({
      name: curve.name + (lines.y2 && curve.right ? " →" : ""),
      colour: curve.colour,
      glyph: curve.stroke,
      hidden: curve.hidden,
      onClick:
        curves.length < 2
          ? undefined
          : () => {
              curve.hidden = !curve.hidden;
              draw();
            },
    }));
    const shown = curves.filter((curve) => !curve.hidden);
    const xs = zoom ?? extent(curves.flatMap(ends).concat(marksAt(lines, "vertical")), lines.x.scale);
    const ySpec = (axis: Axis, side: "left" | "right") => ({
      label: axis.label,
      kind: kinds[side],
      domain: extent(
        visible(
          shown.filter((c) => c.right === (side === "right")),
          xs,
        ).concat(marksAt(lines, "horizontal", side)),
        kinds[side],
      ),
    });
    const plot = frame({
      title,
      width,
      plotHeight: clamp(width * 0.42, 200, 340),
      x: { label: lines.x.label, kind: lines.x.scale, domain: zoom ?? tight(xs, lines.x.scale, curves) },
      y: ySpec(lines.y, "left"),
      y2: lines.y2 ? ySpec(lines.y2, "right") : undefined,
      legend: curves.length > 1 || lines.y2 ? legend : [],
    });
    for (const mark of lines.marks)
      drawMark(
        plot,
        mark.direction === "vertical",
        read(mark.at),
        mark.label,
        mark.side === "right" && plot.y2 ? plot.y2 : plot.y,
      );
    for (const curve of shown) drawCurve(plot, curve);
    interact(plot, {
      hover: (x) => hoverAt(plot, shown, lines, x),
      step: (x, direction) => stepFrom(plot, shown, x, direction),
      zoom: setZoom,
    });
    svg = plot.svg;
    holder.replaceChildren(svg);
    notes.replaceChildren(...curves.flatMap((curve) => note(curve, kinds[curve.right ? "right" : "left"])));
  };

  const axes = (["left", "right"] as const).filter((side) => side === "left" || lines.y2);
  const controls = axes
    .filter((side) => curves.some((c) => c.right === (side === "right") && c.y.some((v) => v > 0)))
    .map((side) =>
      choice(
        axes.length > 1 ? `${side} axis` : "scale",
        ["linear", "log"] as Scale[],
        kinds[side],
        (kind) => {
          kinds[side] = kind;
          draw();
        },
      ),
    );
  return {
    element: h("div", {}, holder, notes),
    controls: [reset, ...controls],
    saves: [
      { label: "SVG", title: "Save as vector drawing", run: () => saveSvg(svg, id) },
      { label: "PNG", title: "Save as picture", run: () => void savePng(svg, id) },
      { label: "CSV", title: "Save the numbers", run: () => saveCsv(csv(lines, curves), id) },
    ],
    points: curves.reduce((sum, curve) => sum + curve.y.filter(Number.isFinite).length, 0),
    layout: (available) => {
      width = available;
      draw();
    },
  };
}

/** The least and the greatest x. */
function ends(curve: Curve): number[] {
  if (curve.stroke !== "path") return [curve.x[0], curve.x[curve.x.length - 1]];
  return curve.x.length ? [Math.min(...curve.x), Math.max(...curve.x)] : [];
}

/** The point of a curve that is nearest to a place. */
function pointAt(curve: Curve, value: number): number {
  return curve.stroke === "path" ? closest(curve.x, value) : nearest(curve.x, value);
}

/** Curves run from edge to edge, but for scattered points, which need some air. */
function tight(domain: [number, number], kind: Scale, curves: Curve[]): [number, number] {
  if (curves.some((c) => c.stroke === "points" || c.stroke === "path" || c.x.length < 2)) return domain;
  const values = curves.flatMap(ends).filter((v) => kind === "linear" || v > 0);
  return values.length && Math.min(...values) < Math.max(...values)
    ? [Math.min(...values), Math.max(...values)]
    : domain;
}

function marksAt(lines: Lines, direction: string, side = "left"): number[] {
  return lines.marks
    .filter((m) => m.direction === direction && (direction === "vertical" || m.side === side))
    .map((m) => read(m.at));
}

function visible(curves: Curve[], [low, high]: [number, number]): number[] {
  return curves.flatMap((curve) => {
    const inside = (i: number) => curve.x[i] >= low && curve.x[i] <= high;
    return [curve.y, curve.low, curve.high].flatMap((values) =>
      values ? [...values].filter((_, i) => inside(i)) : [],
    );
  });
}

function drawCurve(plot: Frame, curve: Curve): void {
  const y = curve.right && plot.y2 ? plot.y2 : plot.y;
  const group = s("g", { class: curve.colour });
  const isPoints = curve.stroke === "points" || curve.stroke === "dotted";
  if (curve.low && curve.high)
    group.append(...(isPoints ? errorBars(plot, curve, y) : bands(plot, curve, y)));
  const isDense = curve.x.length > 2 * (plot.right - plot.left);
  for (const part of stretches(curve.x, curve.y, plot.x, y, curve.stroke === "path")) {
    if (curve.stroke !== "points") {
      group.append(
        s("path", {
          class: `curve ${curve.stroke}${isDense ? " dense" : ""}`,
          d: linePath(part, curve.stroke === "step"),
        }),
      );
    }
    // A single point between two gaps would leave no line to see.
    const dots = isPoints || part.length === 1 ? part : [];
    const size = dots.length > 150 ? 1.6 : dots.length > 50 ? 2.2 : 3;
    group.append(
      ...dots.map((p) => s("circle", { class: "dot", cx: p.x.toFixed(2), cy: p.y.toFixed(2), r: size })),
    );
  }
  plot.inside.append(group);
  plot.over.append(gapMarks(plot, curve, y));
}

function bands(plot: Frame, curve: Curve, y: AxisScale): SVGElement[] {
  const floor = y.domain[0];
  // Where the lower end has left a logarithmic axis, the band reaches its edge.
  const low = curve.low!.map((v, i) => (drawable(v, y) || !drawable(curve.y[i], y) ? v : floor));
  const usable = low.map((v, i) =>
    Number.isFinite(v) && Number.isFinite(curve.high![i]) && drawable(curve.y[i], y) ? v : NaN,
  );
  const high = curve.high!.map((v, i) => (Number.isNaN(usable[i]) ? NaN : v));
  const lows = stretches(curve.x, usable, plot.x, y);
  const highs = stretches(curve.x, high, plot.x, y);
  return lows.map((part, i) => s("path", { class: "band", d: bandPath(part, highs[i]) }));
}

function errorBars(plot: Frame, curve: Curve, y: AxisScale): SVGElement[] {
  return [...curve.x].flatMap((x, i) => {
    const [low, high] = [curve.low![i], curve.high![i]];
    if (!drawable(curve.y[i], y) || !Number.isFinite(low) || !drawable(high, y)) return [];
    const bottom = drawable(low, y) ? y.at(low) : plot.bottom;
    return [s("line", { class: "error", x1: plot.x.at(x), x2: plot.x.at(x), y1: bottom, y2: y.at(high) })];
  });
}

/** Small triangles at the edge where a value is missing from the curve. */
function gapMarks(plot: Frame, curve: Curve, y: AxisScale): SVGElement {
  const marks: SVGElement[] = [];
  let last = -Infinity;
  curve.y.forEach((value, i) => {
    const x = plot.x.at(curve.x[i]);
    if (drawable(value, y) || x < plot.left - 1 || x > plot.right + 1 || x - last < 7) return;
    last = x;
    const down = value === -Infinity || (Number.isFinite(value) && value <= 0);
    const d = down ? `M${x - 4},${plot.bottom - 7}h8l-4,7z` : `M${x - 4},${plot.top + 7}h8l-4,-7z`;
    marks.push(s("path", { class: "gap", d }, s("title", {}, `${plain(curve.name)} is ${full(value)} here`)));
  });
  return s("g", { class: curve.colour }, ...marks);
}

function drawMark(plot: Frame, vertical: boolean, at: number, label: string, y: AxisScale): void {
  const place = vertical ? plot.x.at(at) : y.at(at);
  const [low, high] = vertical ? [plot.left, plot.right] : [plot.top, plot.bottom];
  if (place < low - 0.5 || place > high + 0.5) return;
  const ends = vertical
    ? { x1: place, x2: place, y1: plot.top, y2: plot.bottom }
    : { x1: plot.left, x2: plot.right, y1: place, y2: place };
  plot.inside.append(s("line", { class: "mark", ...ends }));
  const flip = vertical && place > (plot.left + plot.right) / 2;
  const text = vertical
    ? { x: place + (flip ? -5 : 5), y: plot.top + 12, "text-anchor": flip ? "end" : "start" }
    : { x: plot.right - 5, y: place - 5 < plot.top + 8 ? place + 13 : place - 5, "text-anchor": "end" };
  plot.over.append(svgText(label, { class: "mark-label", ...text }));
}

function hoverAt(plot: Frame, curves: Curve[], lines: Lines, px: number): Hover | null {
  const target = plot.x.invert(px);
  const candidates = curves.filter((c) => c.x.length).map((curve) => ({ curve, i: pointAt(curve, target) }));
  if (!candidates.length) return null;
  const distance = (c: { curve: Curve; i: number }) => Math.abs(plot.x.at(c.curve.x[c.i]) - px);
  const best = candidates.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  const value = best.curve.x[best.i];
  const x = plot.x.at(value);
  if (x < plot.left - 1 || x > plot.right + 1) return null;
  const near = candidates
    .map(({ curve }) => ({ curve, i: pointAt(curve, value) }))
    .filter(({ curve, i }) => Math.abs(plot.x.at(curve.x[i]) - x) < 5);
  const axis = (curve: Curve) => (curve.right && plot.y2 ? plot.y2 : plot.y);
  return {
    x,
    dots: near
      .filter(({ curve, i }) => drawable(curve.y[i], axis(curve)))
      .map(({ curve, i }) => ({
        x: plot.x.at(curve.x[i]),
        y: axis(curve).at(curve.y[i]),
        colour: curve.colour,
      })),
    tip: {
      title: `${lines.x.label} ${format(value, 6)}`,
      rows: near.map(({ curve, i }) => ({
        label: curve.name,
        swatch: curve.colour,
        value:
          format(curve.y[i], 5) +
          (curve.low && curve.high ? ` (${format(curve.low[i], 3)} … ${format(curve.high[i], 3)})` : ""),
      })),
    },
  };
}

function stepFrom(plot: Frame, curves: Curve[], px: number, direction: -1 | 1): number {
  const places = curves.flatMap((curve) => [...curve.x].map((v) => plot.x.at(v))).sort((a, b) => a - b);
  const next = direction > 0 ? places.find((p) => p > px + 0.5) : places.reverse().find((p) => p < px - 0.5);
  return next ?? px;
}

function note(curve: Curve, kind: Scale): HTMLElement[] {
  const missing = curve.y.filter((v) => !Number.isFinite(v)).length;
  const hidden = kind === "log" ? curve.y.filter((v) => v <= 0 && Number.isFinite(v)).length : 0;
  const where = curve.x[curve.y.findIndex((v) => !Number.isFinite(v))];
  const texts = [
    missing &&
      ` is not finite at ${missing} of ${curve.y.length} points, first at ${format(where, 6)}; the gaps are marked ▲ and nothing is drawn across them.`,
    hidden &&
      ` is not positive at ${hidden} of ${curve.y.length} points, which a logarithmic axis cannot show (marked ▼).`,
  ];
  return texts
    .filter(Boolean)
    .map((text) => h("p", { class: "warning" }, ...rich(curve.name), text as string));
}

function csv(lines: Lines, curves: Curve[]) {
  const header = ["series", plain(lines.x.label), "value", "low", "high"];
  const end = (values: Float64Array | undefined, i: number) => (values ? full(values[i]) : "");
  return {
    header,
    rows: curves.flatMap((c) =>
      [...c.x].map((x, i) => [plain(c.name), full(x), full(c.y[i]), end(c.low, i), end(c.high, i)]),
    ),
  };
}
