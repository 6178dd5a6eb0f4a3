// A surface: contours and 3-D side by side, which point at the same things.

import { choice, button, toggle } from "../common/controls";
import { RAMPS } from "../common/colour";
import { h } from "../common/dom";
import type { Drawing } from "../common/drawing";
import type { Shade, Surface } from "../common/model";
import { format, full, read, readAll } from "../common/number";
import { saveCanvas, saveCsv, savePng, saveSvg } from "../common/save";
import { plain, rich } from "../common/text";
import { onTheme } from "../common/theme";
import { contourView } from "./contour";
import { interpolate, readGrid } from "./grid";
import { onPaper, sceneView } from "./scene";
import { shading } from "./shade";
import { readWays, type State, type Way } from "./state";

export function drawSurface(surface: Surface, id: string, title: string): Drawing {
  const grid = readGrid(surface);
  const ways = readWays(surface);
  const limits = surface.limits && { low: read(surface.limits.low), high: read(surface.limits.high) };
  const first = shading(grid.z, surface.shade, limits);
  const differs = ways.some((way) =>
    way.points.some((p) => Math.abs(first.t(p.loss) - first.t(p.planeLoss)) > 0.01),
  );
  const state: State = {
    grid,
    ways,
    shading: first,
    heights: grid.z.map(first.t),
    ramp: RAMPS.viridis,
    landmarks: surface.landmarks.map(({ label, kind, x, y }) => ({ label, kind, x: read(x), y: read(y) })),
    evaluated: surface.evaluated && { x: readAll(surface.evaluated.x), y: readAll(surface.evaluated.y) },
    labels: { x: surface.x.label, y: surface.y.label, z: surface.label },
    showTrueLoss: differs,
    point: (target) => {
      flat.highlight(target);
      solid?.highlight(target);
    },
  };
  const flat = contourView(state, title);
  const solid = surface.flat ? null : sceneView(state, title);
  const notes = h("div", { class: "notes" });
  const holder = h(
    "div",
    { class: "views", "data-webgl": solid ? "on" : "off" },
    ...(solid
      ? [solid.element]
      : surface.flat
        ? []
        : [
            h(
              "p",
              { class: "no-webgl" },
              "The 3-D view needs WebGL 2, which this browser does not offer. The contours show the same values.",
            ),
          ]),
    flat.element,
  );
  let width = 0;
  const layout = (available: number) => {
    width = available;
    const beside = solid && available >= 720;
    holder.classList.toggle("beside", Boolean(beside));
    flat.draw(beside ? Math.floor(available * 0.47) : Math.min(available, 640));
    const height = flat.svg().getBoundingClientRect().height;
    solid?.resize(
      beside ? Math.floor(available * 0.53) - 12 : available,
      beside ? Math.max(height, 430) : Math.round(Math.min(available * 0.85, 460)),
    );
    notes.replaceChildren(...remarks(state));
  };
  const change = () => {
    state.heights = grid.z.map(state.shading.t);
    solid?.refresh();
    layout(width);
  };
  onTheme(() => solid?.refresh());

  const controls = [
    choice("scale", ["linear", "log", "rank"] as Shade[], surface.shade, (kind) => {
      state.shading = shading(grid.z, kind, limits);
      change();
    }),
    choice("colours", Object.keys(RAMPS), "viridis", (name) => {
      state.ramp = RAMPS[name];
      change();
    }),
  ];
  if (solid && differs) {
    controls.push(
      toggle("true values", true, (on) => {
        state.showTrueLoss = on;
        notes.replaceChildren(...remarks(state));
        solid.refresh();
      }),
    );
  }
  if (solid) controls.push(button("Reset view", "Turn the 3-D view back", solid.reset));
  const saves = [
    { label: "SVG", title: "Save the contours as vector drawing", run: () => saveSvg(flat.svg(), id) },
    { label: "PNG", title: "Save the contours as picture", run: () => void savePng(flat.svg(), id) },
    { label: "CSV", title: "Save the numbers", run: () => saveCsv(csv(state), id) },
  ];
  if (solid)
    saves.splice(2, 0, {
      label: "3-D PNG",
      title: "Save the 3-D view as picture",
      run: () => saveCanvas(onPaper(solid.canvas), `${id}-3d`),
    });
  const points =
    grid.z.filter(Number.isFinite).length + ways.reduce((sum, way) => sum + way.points.length, 0);
  return { element: h("div", {}, holder, notes), controls, saves, points, layout };
}

/** What the reader must know to trust the picture. */
function remarks({ grid, heights, ways, shading, showTrueLoss }: State): HTMLElement[] {
  const warnings: (string | Node)[][] = [];
  const beyond = shading.limits
    ? grid.z.filter((v) => v < shading.limits!.low || v > shading.limits!.high).length
    : 0;
  if (beyond)
    warnings.push([
      `${beyond} of ${grid.z.length} grid points lie beyond the scale, which is fixed from ${format(shading.limits!.low)} to ${format(shading.limits!.high)}: they have the colour and height of its ends.`,
    ]);
  const holes = grid.z.filter((v) => !Number.isFinite(v)).length;
  if (holes)
    warnings.push([
      `${holes} of ${grid.z.length} grid points are not finite: holes in the surface, hatched among the contours.`,
    ]);
  for (const way of ways) {
    const outside = way.points.filter((p) => Number.isNaN(interpolate(grid, heights, p.x, p.y))).length;
    if (outside)
      warnings.push([
        ...rich(way.name),
        `: ${outside} of ${way.points.length} points lie outside the grid or over a hole; the 3-D view leaves them out.`,
      ]);
  }
  return [
    ...warnings.map((parts) => h("p", { class: "warning" }, ...parts)),
    ...ways.filter((way) => way.points.some((p) => p.distance !== 0)).map(offPlane),
    ...(showTrueLoss
      ? [
          h(
            "p",
            {},
            "In 3-D the thick line lies on the plane; the thin one, joined to it by stems, shows the true values.",
          ),
        ]
      : []),
    ...(shading.remark ? [h("p", {}, shading.remark)] : []),
  ];
}

function offPlane(way: Way): HTMLElement {
  const measured = way.points.filter((p) => Number.isFinite(p.distance));
  const worst = measured.reduce((a, b) => (b.distance > a.distance ? b : a), measured[0] ?? way.points[0]);
  return h(
    "p",
    {},
    ...rich(way.name),
    `: farthest off the plane at step ${format(worst.step, 7)}, by ${format(worst.distance, 3)}; the true value there is ${format(worst.loss, 3)}, the plane's ${format(worst.planeLoss, 3)}.`,
  );
}

function csv({ grid, ways, labels }: State) {
  const { xs, ys, z } = grid;
  const rows = Array.from(z, (value, k) => [
    "grid",
    "",
    full(xs[k % xs.length]),
    full(ys[Math.floor(k / xs.length)]),
    full(value),
    "",
    "",
  ]);
  const paths = ways.flatMap((way) =>
    way.points.map((p) => [
      plain(way.name),
      full(p.step),
      full(p.x),
      full(p.y),
      full(p.planeLoss),
      full(p.loss),
      full(p.distance),
    ]),
  );
  return {
    header: [
      "what",
      "step",
      plain(labels.x),
      plain(labels.y),
      plain(labels.z),
      "true value",
      "distance off the plane",
    ],
    rows: [...rows, ...paths],
  };
}
