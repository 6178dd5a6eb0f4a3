// A spectral density on a logarithmic axis, with eigenvalues computed one by one.

import { bin } from "d3-array";
import { button, choice } from "../common/controls";
import { h, s } from "../common/dom";
import type { Drawing } from "../common/drawing";
import type { Density } from "../common/model";
import { clamp, format, full, read, readAll } from "../common/number";
import { savePng, saveCsv, saveSvg } from "../common/save";
import { plain, svgText } from "../common/text";
import { frame, type Frame, type LegendEntry } from "./frame";
import { interact, type Hover } from "./interact";
import { bandPath, linePath, nearest, thin, type Point } from "./path";
import type { Kind } from "./scale";

interface Spectrum {
  label: string;
  at: Float64Array;
  density: Float64Array;
  stderr: Float64Array;
  exact: Float64Array;
  marked: { label: string; value: number; residual: number }[];
  floor: number;
  peak: number;
}

export function drawDensity(data: Density, id: string, title: string): Drawing {
  const spectrum = understand(data);
  const holder = h("div", { class: "plot" });
  const notes = h("div", { class: "notes" });
  let kind: Kind = "linear";
  let zoom: [number, number] | null = null;
  let width = 0;
  let svg: SVGSVGElement;

  const reset = button("Reset zoom", "Show the whole spectrum again (double click)", () => setZoom(null));
  const setZoom = (range: [number, number] | null) => {
    zoom = range;
    draw();
  };
  const draw = () => {
    reset.hidden = !zoom;
    const { at, exact, marked, floor, peak } = spectrum;
    const all = [at[0], at[at.length - 1], ...marked.map((e) => e.value)].filter(Number.isFinite);
    const plot = frame({
      title,
      width,
      plotHeight: clamp(width * 0.36, 200, 320),
      below: exact.length ? 18 : 0,
      x: { label: data.label, kind, domain: zoom ?? padded(all), linearWithin: linearWithin(spectrum) },
      y: { label: "density", kind: "log", domain: [floor, peak * 2] },
      legend: legend(spectrum),
    });
    if (exact.length) drawExact(plot, spectrum);
    drawCurve(plot, spectrum);
    drawEigenvalues(plot, spectrum);
    interact(plot, { hover: (x) => hoverAt(plot, spectrum, x), zoom: setZoom });
    svg = plot.svg;
    holder.replaceChildren(svg);
  };

  const missing = spectrum.density.filter((v) => !Number.isFinite(v)).length;
  if (missing)
    notes.append(
      h(
        "p",
        { class: "warning" },
        `The density is not finite at ${missing} of ${spectrum.at.length} places; they are left out.`,
      ),
    );
  return {
    element: h("div", {}, holder, notes),
    controls: [
      reset,
      choice("λ axis", ["linear", "symlog"], "linear", (option) => {
        kind = option as Kind;
        draw();
      }),
    ],
    saves: [
      { label: "SVG", title: "Save as vector drawing", run: () => saveSvg(svg, id) },
      { label: "PNG", title: "Save as picture", run: () => void savePng(svg, id) },
      { label: "CSV", title: "Save the numbers", run: () => saveCsv(csv(spectrum), id) },
    ],
    points: spectrum.density.filter(Number.isFinite).length + spectrum.marked.length + spectrum.exact.length,
    layout: (available) => {
      width = available;
      draw();
    },
  };
}

function understand(data: Density): Spectrum {
  const density = readAll(data.density);
  const peak = density.reduce((max, v) => (Number.isFinite(v) && v > max ? v : max), 0) || 1;
  const floor = data.floor === null ? peak * 1e-7 : read(data.floor);
  return {
    label: data.label,
    at: readAll(data.at),
    density,
    stderr: readAll(data.stderr),
    exact: readAll(data.exact).filter(Number.isFinite).sort(),
    marked: data.eigenvalues.map((e) => ({
      label: e.label,
      value: read(e.value),
      residual: read(e.residual),
    })),
    floor: Math.min(floor, peak / 10),
    peak,
  };
}

function padded(values: number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [low - 0.02 * (high - low), high + 0.02 * (high - low)];
}

/** The bulk of the spectrum, within which the symlog axis is linear: its central half by mass. */
function linearWithin({ at, density }: Spectrum): number {
  const mass = Array.from(at, (x, i) =>
    Number.isFinite(density[i]) ? density[i] * ((at[i + 1] ?? x) - (at[i - 1] ?? x)) : 0,
  );
  const total = mass.reduce((a, b) => a + b, 0);
  const order = Array.from(at, (x, i) => [Math.abs(x), mass[i]]).sort((a, b) => a[0] - b[0]);
  let sum = 0;
  for (const [size, part] of order) {
    sum += part;
    if (sum >= total / 2 && size > 0) return size;
  }
  return 1;
}

function legend({ stderr, exact, marked }: Spectrum): LegendEntry[] {
  const entries: LegendEntry[] = [{ name: "density", colour: "c0", glyph: "solid" }];
  if (stderr.length) entries.push({ name: "± one standard error", colour: "c0", glyph: "band" });
  if (marked.length) entries.push({ name: "eigenvalues with residual", colour: "c1", glyph: "eigenvalue" });
  if (exact.length) entries.push({ name: "exact spectrum", colour: "c7", glyph: "bar" });
  return entries;
}

function drawCurve(plot: Frame, { at, density, stderr, floor }: Spectrum): void {
  // Below the floor the curve runs outside the frame, where it is clipped.
  const point = (i: number, value: number): Point => ({
    x: plot.x.at(at[i]),
    y: plot.y.at(Math.max(value, floor / 3)),
  });
  const parts: number[][] = [[]];
  at.forEach((_, i) => (Number.isFinite(density[i]) ? parts[parts.length - 1].push(i) : parts.push([])));
  const group = s("g", { class: "c0" });
  for (const part of parts.filter((p) => p.length > 1)) {
    const curve = thin(part.map((i) => point(i, density[i])));
    const base = [part[0], part[part.length - 1]].map((i) => ({ x: plot.x.at(at[i]), y: plot.bottom }));
    group.append(s("path", { class: "area", d: linePath([base[0], ...curve, base[1]]) + "Z" }));
    if (stderr.length) {
      const certain = part.filter((i) => Number.isFinite(stderr[i]));
      group.append(
        s("path", {
          class: "band",
          d: bandPath(
            certain.map((i) => point(i, density[i] - stderr[i])),
            certain.map((i) => point(i, density[i] + stderr[i])),
          ),
        }),
      );
    }
    group.append(s("path", { class: "curve solid", d: linePath(curve) }));
  }
  plot.inside.append(group);
}

/** The exact spectrum: a histogram that integrates to 1, and one stroke an eigenvalue below the axis. */
function drawExact(plot: Frame, { exact, floor }: Spectrum): void {
  const group = s("g", { class: "c7" });
  const [low, high] = plot.x.domain;
  const edges = Array.from({ length: 79 }, (_, i) =>
    plot.x.invert(plot.left + ((plot.right - plot.left) * (i + 1)) / 80),
  );
  const inside = [...exact].filter((v) => v >= low && v <= high);
  for (const box of bin().domain([low, high]).thresholds(edges)(inside)) {
    const share = box.length / exact.length / (box.x1! - box.x0!);
    if (!box.length || share <= floor) continue;
    const x = plot.x.at(box.x0!);
    group.append(
      s("rect", {
        class: "exact",
        x,
        width: Math.max(0.5, plot.x.at(box.x1!) - x),
        y: plot.y.at(share),
        height: plot.bottom - plot.y.at(share),
      }),
    );
  }
  plot.inside.append(group);
  let last = -Infinity;
  const strokes = inside
    .map((v) => plot.x.at(v))
    .filter((x) => (x - last < 0.4 ? false : ((last = x), true)));
  const d = strokes.map((x) => `M${x.toFixed(2)},${plot.bottom + 5}v11`).join("");
  plot.over.append(s("g", { class: "c7" }, s("path", { class: "rug", d })));
}

function drawEigenvalues(plot: Frame, { marked }: Spectrum): void {
  const group = s("g", { class: "c1" });
  const inside = marked
    .filter((e) => e.value >= plot.x.domain[0] && e.value <= plot.x.domain[1])
    .sort((a, b) => b.value - a.value);
  let lastLabel = Infinity;
  for (const { label, value, residual } of inside) {
    const x = plot.x.at(value);
    const y = plot.bottom - 26;
    group.append(s("line", { class: "stem", x1: x, x2: x, y1: plot.bottom, y2: y }));
    if (residual > 0) {
      const [from, to] = [plot.x.at(value - residual), plot.x.at(value + residual)];
      if (to - from > 1.5) group.append(s("line", { class: "error", x1: from, x2: to, y1: y, y2: y }));
    }
    group.append(
      s(
        "circle",
        { class: "dot", cx: x, cy: y, r: 3.4 },
        s("title", {}, `${plain(label)} = ${full(value)} ± ${full(residual)}`),
      ),
    );
    if (label && lastLabel - x > 26) {
      group.append(
        svgText(label, {
          class: "eigen-label",
          x,
          y: y - 8,
          "text-anchor": x > plot.right - 12 ? "end" : x < plot.left + 12 ? "start" : "middle",
        }),
      );
      lastLabel = x;
    }
  }
  plot.over.append(group);
}

function hoverAt(plot: Frame, { label, at, density, stderr, marked }: Spectrum, px: number): Hover | null {
  const close = marked.filter((e) => Math.abs(plot.x.at(e.value) - px) < 7).slice(0, 6);
  const i = nearest(at, plot.x.invert(px));
  const value = density[i];
  const rows = [
    {
      label: "density",
      swatch: "c0",
      value:
        (value < plot.y.domain[0] ? "below " + format(plot.y.domain[0], 2) : format(value)) +
        (stderr.length ? ` ± ${format(stderr[i], 2)}` : ""),
    },
  ];
  for (const e of close)
    rows.push({
      label: e.label || "eigenvalue",
      swatch: "c1",
      value: `${format(e.value, 6)} ± ${format(e.residual, 2)}`,
    });
  const dot =
    Number.isFinite(value) && value >= plot.y.domain[0]
      ? [{ x: plot.x.at(at[i]), y: plot.y.at(value), colour: "c0" }]
      : [];
  return { x: plot.x.at(at[i]), dots: dot, tip: { title: `${label} ${format(at[i], 4)}`, rows } };
}

function csv({ label, at, density, stderr, exact, marked }: Spectrum) {
  const rows = [
    ...[...at].map((x, i) => ["density", full(x), full(density[i]), stderr.length ? full(stderr[i]) : ""]),
    ...marked.map((e) => [`eigenvalue ${plain(e.label)}`, full(e.value), "", full(e.residual)]),
    ...[...exact].map((v) => ["exact eigenvalue", full(v), "", ""]),
  ];
  return { header: ["what", plain(label), "density", "standard error or residual"], rows };
}
