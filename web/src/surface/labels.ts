// Ticks and titles around the 3-D view, drawn as text over the picture.

import { linearTicks } from "../chart/scale";
import { FONT_FAMILY } from "../common/measure";
import { parse } from "../common/text";
import { css } from "../common/theme";
import { interpolate } from "./grid";
import type { Project } from "./scene";
import { FLOOR, HEIGHT, type Space, type Vec } from "./space";
import { severalWays, type State } from "./state";

interface Size {
  width: number;
  height: number;
}

export function drawLabels(
  context: CanvasRenderingContext2D,
  state: State,
  box: Space,
  project: Project,
  eye: Vec,
  size: Size,
): void {
  const { grid, shading, labels } = state;
  const middle = project([0, FLOOR, 0]);
  const writer = writerOn(context, size);
  const nearX = Math.sign(eye[0]) * box.halfX || box.halfX;
  const nearZ = Math.sign(eye[2]) * box.halfZ || box.halfZ;

  const alongX = linearTicks([grid.xs[0], grid.xs[grid.xs.length - 1]], 5);
  writer.axis(
    alongX.map(({ value, label }) => ({
      label,
      place: project([box.toWorld(value, grid.ys[0], 0)[0], FLOOR, nearZ]),
    })),
    middle,
    labels.x,
  );
  const alongY = linearTicks([grid.ys[0], grid.ys[grid.ys.length - 1]], 5);
  writer.axis(
    alongY.map(({ value, label }) => ({
      label,
      place: project([nearX, FLOOR, box.toWorld(grid.xs[0], value, 0)[2]]),
    })),
    middle,
    labels.y,
  );

  for (const way of state.ways) {
    if (severalWays(state)) break;
    const ends = [way.points[0], way.points[way.points.length - 1]];
    ends.forEach((point, i) => {
      const t = point ? interpolate(grid, state.heights, point.x, point.y) : NaN;
      if (!Number.isFinite(t)) return;
      const { x, y } = project(box.toWorld(point.x, point.y, t));
      writer.end(i === 1 ? "end" : "start", x, y);
    });
  }

  // Heights stand at whichever silhouette corner is on the left.
  const corners: Vec[] = [
    [nearX, 0, -nearZ],
    [-nearX, 0, nearZ],
  ];
  const [cx, , cz] = corners.reduce((a, b) => (project(a).x < project(b).x ? a : b));
  const [foot, top] = [project([cx, 0, cz]), project([cx, HEIGHT, cz])];
  if (foot.y - top.y < 50) return;
  const heights = shading.levels.map(({ t, label }) => ({ label, place: project([cx, t * HEIGHT, cz]) }));
  writer.heights(heights);
  writer.title(labels.z, { x: top.x, y: top.y - 14 });
}

function writerOn(context: CanvasRenderingContext2D, size: Size) {
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.textBaseline = "middle";
  context.strokeStyle = css("--panel");
  let font = 11;
  let weight = "";
  const taken: { x: number; y: number }[] = [];
  const ends: { x: number; y: number }[] = [];
  const isFree = (x: number, y: number) => taken.every((other) => Math.hypot(other.x - x, other.y - y) > 22);
  /** `anchor` is the share of the text that lies left of x. */
  const put = (text: string, x: number, y: number, anchor = 0.5) => {
    const runs = parse(text).map(({ text: part, style }) => {
      const small = style === "sub" || style === "sup";
      const face = `${style === "em" ? "italic " : ""}${weight}${small ? font * 0.75 : font}px ${FONT_FAMILY}`;
      context.font = face;
      return {
        part,
        face,
        rise: small ? (style === "sub" ? 0.28 : -0.35) * font : 0,
        width: context.measureText(part).width,
      };
    });
    const width = runs.reduce((sum, run) => sum + run.width, 0);
    let left = Math.min(Math.max(x - anchor * width, 3), size.width - 3 - width);
    const level = Math.min(Math.max(y, 8), size.height - 8);
    for (const { part, face, rise, width: step } of runs) {
      context.font = face;
      context.strokeText(part, left, level + rise);
      context.fillText(part, left, level + rise);
      left += step;
    }
  };
  const ink = (colour: string, pixels: number, boldness = "") => {
    context.fillStyle = css(colour);
    font = pixels;
    weight = boldness;
  };

  return {
    /** Ticks along an edge of the floor, pushed away from its middle, and the axis title beyond them. */
    axis(
      ticks: { label: string; place: { x: number; y: number } }[],
      middle: { x: number; y: number },
      title: string,
    ) {
      if (ticks.length < 2) return;
      const [first, last] = [ticks[0].place, ticks[ticks.length - 1].place];
      const length = Math.hypot(last.x - first.x, last.y - first.y);
      if (length < 40) return;
      const centre = { x: (first.x + last.x) / 2, y: (first.y + last.y) / 2 };
      let normal = { x: -(last.y - first.y) / length, y: (last.x - first.x) / length };
      if (normal.x * (centre.x - middle.x) + normal.y * (centre.y - middle.y) < 0)
        normal = { x: -normal.x, y: -normal.y };
      ink("--muted", 11);
      const room = length / (ticks.length - 1) < 30 ? 2 : 1;
      ticks.forEach(({ label, place }, i) => {
        const [x, y] = [place.x + 15 * normal.x, place.y + 13 * normal.y];
        if (i % room || !isFree(x, y)) return;
        taken.push({ x, y });
        put(label, x, y);
      });
      ink("--text", 12);
      // A long title grows away from the ticks.
      const anchor = normal.x < -0.25 ? 0.9 : normal.x > 0.25 ? 0.1 : 0.5;
      put(title, centre.x + 36 * normal.x, centre.y + 34 * normal.y, anchor);
    },
    end(text: string, x: number, y: number) {
      ink("--text", 11.5, "600 ");
      let level = y - 9;
      while (ends.some((other) => Math.abs(other.x - x) < 90 && Math.abs(other.y - level) < 14)) level -= 14;
      ends.push({ x, y: level });
      put(text, x + 9, level, 0);
    },
    heights(ticks: { label: string; place: { x: number; y: number } }[]) {
      ink("--muted", 11);
      let last = Infinity;
      for (const { label, place } of [...ticks].sort((a, b) => b.place.y - a.place.y)) {
        if (last - place.y < 15) continue;
        last = place.y;
        put(label, place.x - 8, place.y, 1);
      }
    },
    title(text: string, place: { x: number; y: number }) {
      ink("--text", 12);
      put(text, place.x, place.y);
    },
  };
}
