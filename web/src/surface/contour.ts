// The surface from above: bands of colour, labelled level lines, the paths.

import { contours } from "d3-contour";
import { frame, type Frame, type LegendEntry } from "../chart/frame";
import { linePath } from "../chart/path";
import { luminance } from "../common/colour";
import { h, s } from "../common/dom";
import { textWidth } from "../common/measure";
import { clamp } from "../common/number";
import { hideTip, showTip } from "../common/tooltip";
import type { Glyph } from "../common/model";
import { plain, svgText } from "../common/text";
import { between, isWhole, nearestNode } from "./grid";
import { describe, severalWays, type State, type Target } from "./state";

const BANDS = 48;
/** Room for the colour bar. */
const BAR = 84;

export interface ContourView {
  element: HTMLElement;
  svg(): SVGSVGElement;
  draw(width: number): void;
  highlight(target: Target | null): void;
}

export function contourView(state: State, title: string): ContourView {
  const element = h("div", { class: "contour" });
  let plot: Frame;
  let ring: SVGGElement;

  const draw = (width: number) => {
    const { xs, ys } = state.grid;
    const [spanX, spanY] = [xs[xs.length - 1] - xs[0], ys[ys.length - 1] - ys[0]];
    const plotWidth = width - BAR - 50;
    plot = frame({
      title: `${title}, contours`,
      width,
      room: BAR,
      plotHeight: Math.round(clamp(plotWidth * clamp(spanY / spanX, 0.62, 1.15), 180, 620)),
      x: { label: state.labels.x, kind: "linear", domain: [xs[0], xs[xs.length - 1]] },
      y: { label: state.labels.y, kind: "linear", domain: [ys[0], ys[ys.length - 1]] },
      legend: severalWays(state) ? state.ways.map(({ name, colour }) => wayEntry(name, colour)) : [],
    });
    plot.svg.classList.add("surface-contour");
    drawBands(plot, state);
    drawHoles(plot, state);
    drawEvaluated(plot, state);
    drawWays(plot, state);
    drawBar(plot, state, width);
    ring = s("g", { class: "ring", "data-screen-only": true });
    plot.over.append(ring);
    listen(plot, state);
    element.replaceChildren(plot.svg);
  };

  const highlight = (target: Target | null) => {
    if (!plot) return;
    if (!target) return ring.replaceChildren();
    const { x, y } = place(state, target);
    ring.replaceChildren(
      s("circle", { cx: plot.x.at(x), cy: plot.y.at(y), r: 6, class: "outer" }),
      s("circle", { cx: plot.x.at(x), cy: plot.y.at(y), r: 6 }),
    );
  };
  return { element, draw, highlight, svg: () => plot.svg };
}

/** Where a target lies in the plane. */
export function place(state: State, target: Target): { x: number; y: number } {
  if ("node" in target) return { x: state.grid.xs[target.node.i], y: state.grid.ys[target.node.j] };
  return state.ways[target.way].points[target.point];
}

function drawBands(plot: Frame, state: State): void {
  const { grid, heights, ramp, shading } = state;
  const size: [number, number] = [grid.xs.length, grid.ys.length];
  const trace = contours().size(size);
  const toPixels = ([cx, cy]: number[]) => ({
    x: plot.x.at(between(grid.xs, cx - 0.5)),
    y: plot.y.at(between(grid.ys, cy - 0.5)),
  });
  const rings = (t: number) =>
    trace
      .contour([...heights], t)
      .coordinates.flatMap((polygon) => polygon.map((ring) => ring.map(toPixels)));
  const path = (parts: { x: number; y: number }[][]) => parts.map((part) => linePath(part) + "Z").join("");
  plot.inside.append(
    s("rect", {
      x: plot.left,
      y: plot.top,
      width: plot.right - plot.left,
      height: plot.bottom - plot.top,
      fill: ramp(0.5 / BANDS),
    }),
  );
  for (let i = 1; i < BANDS; i++) {
    plot.inside.append(
      s("path", { d: path(rings(i / BANDS)), fill: ramp((i + 0.5) / BANDS), "fill-rule": "evenodd" }),
    );
  }
  const labels: { x: number; y: number }[] = [];
  for (const { t, label } of shading.levels) {
    const parts = rings(t);
    const ink = luminance(ramp(t)) < 0.3 ? "#fff" : "#000";
    plot.inside.append(s("path", { class: "level", d: path(parts), stroke: ink }));
    const spot = labelSpot(plot, parts, labels);
    if (!spot) continue;
    labels.push(spot);
    plot.inside.append(
      s(
        "text",
        {
          class: "level-label",
          x: 0,
          y: 0,
          fill: ink,
          stroke: ramp(t),
          "text-anchor": "middle",
          dy: "0.32em",
          transform: `translate(${spot.x.toFixed(1)},${spot.y.toFixed(1)}) rotate(${spot.angle.toFixed(1)})`,
        },
        label,
      ),
    );
  }
}

/** A place on a level line for its label: straight, inside the frame, away from other labels. */
function labelSpot(plot: Frame, parts: { x: number; y: number }[][], taken: { x: number; y: number }[]) {
  const longest = parts.reduce((a, b) => (b.length > a.length ? b : a), []);
  const reach = 5;
  let best: { x: number; y: number; angle: number } | null = null;
  let bestScore = 0.94;
  for (let i = reach; i < longest.length - reach; i += 2) {
    const { x, y } = longest[i];
    const [a, b] = [longest[i - reach], longest[i + reach]];
    const inside = x > plot.left + 24 && x < plot.right - 24 && y > plot.top + 14 && y < plot.bottom - 14;
    if (!inside || taken.some((other) => Math.hypot(other.x - x, other.y - y) < 46)) continue;
    const along = Math.hypot(a.x - x, a.y - y) + Math.hypot(b.x - x, b.y - y);
    const straight = Math.hypot(a.x - b.x, a.y - b.y) / (along || 1);
    if (straight <= bestScore || along < 24) continue;
    let angle = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
    if (angle > 90) angle -= 180;
    if (angle < -90) angle += 180;
    bestScore = straight;
    best = { x, y, angle };
  }
  return best;
}

function drawHoles(plot: Frame, { grid }: State): void {
  const { xs, ys } = grid;
  const cells: string[] = [];
  for (let j = 0; j + 1 < ys.length; j++) {
    for (let i = 0; i + 1 < xs.length; i++) {
      if (isWhole(grid, i, j)) continue;
      const [x0, x1, y0, y1] = [
        plot.x.at(xs[i]),
        plot.x.at(xs[i + 1]),
        plot.y.at(ys[j]),
        plot.y.at(ys[j + 1]),
      ];
      cells.push(`M${x0.toFixed(2)},${y0.toFixed(2)}H${x1.toFixed(2)}V${y1.toFixed(2)}H${x0.toFixed(2)}Z`);
    }
  }
  if (!cells.length) return;
  const id = plot.svg.querySelector("clipPath")!.id + "-hatch";
  plot.svg
    .querySelector("defs")!
    .append(
      s(
        "pattern",
        { id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        s("rect", { class: "hatch-paper", width: 7, height: 7 }),
        s("line", { class: "hatch-line", x1: 0, x2: 0, y1: 0, y2: 7 }),
      ),
    );
  plot.inside.append(s("path", { d: cells.join(""), fill: `url(#${id})` }));
}

function drawWays(plot: Frame, state: State): void {
  const labels: Label[] = [];
  const inside = ({ x, y }: { x: number; y: number }) => ({ x: plot.x.at(x), y: plot.y.at(y) });
  for (const way of state.ways) {
    const points = way.points.map(inside);
    if (!points.length) continue;
    const d = linePath(points);
    const group = s(
      "g",
      { class: "way" },
      s("path", { class: "casing", d }),
      s("path", { class: "line", d, stroke: way.colour }),
    );
    if (points.length <= 160)
      group.append(
        ...points.map((p) => s("circle", { class: "bead", cx: p.x, cy: p.y, r: 2.3, fill: way.colour })),
      );
    const [start, end] = [points[0], points[points.length - 1]];
    group.append(
      s("circle", { class: "way-start", cx: start.x, cy: start.y, r: 5, stroke: way.colour }),
      s("circle", { class: "way-end", cx: end.x, cy: end.y, r: 5.5, fill: way.colour }),
    );
    plot.inside.append(group);
    const far = Math.hypot(start.x - end.x, start.y - end.y) > 50;
    // Several ways are told apart by the legend; their ends would cover each other.
    if (severalWays(state)) continue;
    if (far) labels.push({ text: "start", ...start });
    labels.push({ text: "end", ...end });
  }
  for (const landmark of state.landmarks) {
    const { x, y } = inside(landmark);
    plot.inside.append(glyph(landmark.kind, x, y));
    if (landmark.label) labels.push({ text: landmark.label, x, y });
  }
  placeLabels(plot, labels);
}

/** A diamond for a place; for critical points of the surface a disc, a cross, a triangle. */
function glyph(kind: Glyph, x: number, y: number): SVGElement {
  if (kind === "minimum") return s("circle", { class: "landmark", cx: x, cy: y, r: 5 });
  if (kind === "maximum") return s("path", { class: "landmark", d: `M${x},${y - 6}l6,10.5h-12Z` });
  if (kind === "saddle") {
    const d = `M${x - 4.5},${y - 4.5}l9,9m0,-9l-9,9`;
    return s("g", {}, s("path", { class: "landmark-casing", d }), s("path", { class: "landmark-cross", d }));
  }
  return s("path", { class: "landmark", d: `M${x},${y - 6}l6,6l-6,6l-6,-6Z` });
}

/** A dot at each place that was evaluated, where not all nodes were. */
function drawEvaluated(plot: Frame, { evaluated }: State): void {
  if (!evaluated) return;
  const d = Array.from(evaluated.x, (x, i) => {
    const [px, py] = [plot.x.at(x).toFixed(1), plot.y.at(evaluated.y[i]).toFixed(1)];
    return `M${px},${py}h0`;
  }).join("");
  plot.inside.append(s("path", { class: "evaluated", d }));
}

function wayEntry(name: string, stroke: string): LegendEntry {
  return { name, colour: "", glyph: "way", stroke };
}

interface Label {
  text: string;
  x: number;
  y: number;
}

/** Each label goes to the first of four corners where it covers nothing else. */
function placeLabels(plot: Frame, labels: Label[]): void {
  const taken = labels.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  for (const { text, x, y } of labels) {
    const width = textWidth(text, 12.5);
    const corners = [
      [1, -1],
      [-1, -1],
      [1, 1],
      [-1, 1],
    ].map(([right, down]) => {
      const left = right > 0 ? x + 8 : x - 8 - width;
      const top = down > 0 ? y + 4 : y - 18;
      return { left, right: left + width, top, bottom: top + 14 };
    });
    const fits = (box: (typeof corners)[0]) =>
      box.left > plot.left &&
      box.right < plot.right &&
      box.top > plot.top &&
      box.bottom < plot.bottom &&
      taken.every(
        (other) =>
          box.right < other.left ||
          box.left > other.right ||
          box.bottom < other.top ||
          box.top > other.bottom,
      );
    const box = corners.find(fits) ?? corners[0];
    taken.push(box);
    plot.over.append(svgText(text, { class: "place-label", x: box.left, y: box.bottom - 3 }));
  }
}

/** The colour bar, with the values of the level lines. */
function drawBar(plot: Frame, { ramp, shading, labels }: State, width: number): void {
  const x = width - BAR + 24;
  const height = plot.bottom - plot.top;
  const group = s("g", { class: "axis colour-bar" });
  for (let i = 0; i < BANDS; i++) {
    const y = plot.bottom - ((i + 1) / BANDS) * height;
    group.append(
      s("rect", { x, y: y - 0.3, width: 12, height: height / BANDS + 0.6, fill: ramp((i + 0.5) / BANDS) }),
    );
  }
  let last = Infinity;
  for (const { t, label } of [...shading.levels].sort((a, b) => a.t - b.t)) {
    const y = plot.bottom - t * height;
    if (y < plot.top - 1 || y > plot.bottom + 1) continue;
    group.append(s("line", { class: "base", x1: x + 12, x2: x + 15, y1: y, y2: y }));
    if (last - y < 15) continue;
    last = y;
    group.append(s("text", { class: "tick", x: x + 19, y, dy: "0.32em" }, label));
  }
  group.append(
    svgText(plain(labels.z), { class: "axis-title", x: width - 2, y: plot.top - 12, "text-anchor": "end" }),
  );
  plot.svg.append(group);
}

function listen(plot: Frame, state: State): void {
  const area = s("rect", {
    class: "hit-area",
    "data-screen-only": true,
    x: plot.left,
    y: plot.top,
    width: plot.right - plot.left,
    height: plot.bottom - plot.top,
  });
  area.addEventListener("pointermove", (event) => {
    const box = plot.svg.getBoundingClientRect();
    const target = find(plot, state, event.clientX - box.left, event.clientY - box.top);
    state.point(target);
    if (target) showTip(describe(state, target), event.clientX, event.clientY);
    else hideTip();
  });
  area.addEventListener("pointerleave", () => {
    state.point(null);
    hideTip();
  });
  plot.svg.append(area);
}

function find(plot: Frame, state: State, px: number, py: number): Target | null {
  let best: Target | null = null;
  let reach = 9;
  state.ways.forEach((way, w) =>
    way.points.forEach((point, n) => {
      const away = Math.hypot(plot.x.at(point.x) - px, plot.y.at(point.y) - py);
      if (away < reach) [reach, best] = [away, { way: w, point: n }];
    }),
  );
  const node = best ? null : nearestNode(state.grid, plot.x.invert(px), plot.y.invert(py));
  return best ?? (node && { node });
}
