// The surface in three dimensions.

import { Camera, Transform } from "ogl";
import { h } from "../common/dom";
import { css } from "../common/theme";
import { hideTip, showTip } from "../common/tooltip";
import { onRestored, useGpu, type Gpu } from "./gpu";
import { drawLabels } from "./labels";
import { home, orbit } from "./orbit";
import { pickNode } from "./pick";
import { build, setRing, type Parts } from "./parts";
import { space, subtract, unit, type Vec } from "./space";
import { describe, type State, type Target } from "./state";

export interface SceneView {
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  resize(width: number, height: number): void;
  /** Makes everything anew after the state has changed. */
  refresh(): void;
  highlight(target: Target | null): void;
  reset(): void;
}

/** Projects a place of the box to pixels of the view. */
export type Project = (place: Vec) => { x: number; y: number };

const FIELD = 27;
const CENTRE: Vec = [0, 0.12, 0];

/** The 3-D view, or null where the browser cannot draw it. */
export function sceneView(state: State, title: string): SceneView | null {
  const gpu = useGpu();
  if (!gpu) return null;
  const canvas = h("canvas", {
    class: "scene",
    tabindex: 0,
    role: "application",
    "aria-label": `${title} in three dimensions. Arrow keys turn it, plus and minus zoom, zero goes back.`,
  });
  const context = canvas.getContext("2d")!;
  const box = space(state.grid);
  let size = { width: 0, height: 0 };
  let parts: Parts | undefined;
  let builtFor = -1;
  let target: Target | null = null;
  let eye: Vec = [0, 0, 1];
  let camera: Camera;

  const paint = () => {
    if (!size.width || gpu.gl.isContextLost()) return;
    if (!parts || builtFor !== gpu.generation) {
      parts?.dispose();
      parts = build(gpu, state, box);
      builtFor = gpu.generation;
      camera = new Camera(gpu.gl, { fov: FIELD, near: 0.1, far: 40 });
    }
    const { azimuth, elevation, distance } = turning.pose;
    // A narrow view stands further back, so that the box stays inside.
    const away =
      distance *
      Math.max(1, (1.12 * size.height) / size.width) *
      (Math.hypot(box.halfX, box.halfZ) / Math.SQRT2);
    eye = [
      CENTRE[0] + away * Math.cos(elevation) * Math.sin(azimuth),
      CENTRE[1] + away * Math.sin(elevation),
      CENTRE[2] + away * Math.cos(elevation) * Math.cos(azimuth),
    ];
    // At rest finer than the screen, for smooth edges and for saving.
    const ratio = turning.moving()
      ? Math.min(devicePixelRatio, 2)
      : Math.max(2, Math.min(devicePixelRatio, 3));
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    camera.perspective({ aspect: width / height });
    camera.position.set(...eye);
    camera.lookAt(CENTRE);
    camera.updateMatrixWorld();
    parts.look(eye, azimuth);
    setRing(parts, state, box, target);
    render(gpu, parts.scene, camera, width, height);
    canvas.width = width;
    canvas.height = height;
    context.drawImage(gpu.gl.canvas, 0, 0);
    context.scale(ratio, ratio);
    drawLabels(context, state, box, project, eye, size);
  };

  const project: Project = (place) => {
    const [x, y, z] = place;
    const m = camera.projectionViewMatrix;
    const w = m[3] * x + m[7] * y + m[11] * z + m[15];
    const px = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w;
    const py = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w;
    return { x: ((px + 1) / 2) * size.width, y: ((1 - py) / 2) * size.height };
  };

  const turning = orbit(canvas, home(state.grid), paint);
  const seek = (px: number, py: number): Target | null => {
    let best: Target | null = null;
    let reach = 10;
    state.ways.forEach((way, w) =>
      way.points.forEach((_, n) => {
        const place = parts?.placeOf({ way: w, point: n });
        if (!place) return;
        const at = project(place);
        const gap = Math.hypot(at.x - px, at.y - py);
        if (gap < reach) [reach, best] = [gap, { way: w, point: n }];
      }),
    );
    if (best) return best;
    const node = pickNode(state.grid, state.heights, box, eye, ray(px, py));
    return node && { node };
  };
  const ray = (px: number, py: number): Vec => {
    const forward = unit(subtract(CENTRE, eye));
    const right = unit([-forward[2], 0, forward[0]]);
    const up: Vec = [
      right[1] * forward[2] - right[2] * forward[1],
      right[2] * forward[0] - right[0] * forward[2],
      right[0] * forward[1] - right[1] * forward[0],
    ];
    const tan = Math.tan((FIELD * Math.PI) / 360);
    const [sx, sy] = [
      ((2 * px) / size.width - 1) * tan * (size.width / size.height),
      (1 - (2 * py) / size.height) * tan,
    ];
    return unit([0, 1, 2].map((k) => forward[k] + sx * right[k] + sy * up[k]) as Vec);
  };
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons) return hideTip();
    const bounds = canvas.getBoundingClientRect();
    const found = camera ? seek(event.clientX - bounds.left, event.clientY - bounds.top) : null;
    state.point(found);
    if (found) showTip(describe(state, found), event.clientX, event.clientY);
    else hideTip();
  });
  canvas.addEventListener("pointerleave", () => {
    state.point(null);
    hideTip();
  });

  let waiting = false;
  const soon = () => {
    if (!waiting)
      requestAnimationFrame(() => {
        waiting = false;
        paint();
      });
    waiting = true;
  };
  onRestored(soon);
  return {
    element: h(
      "div",
      { class: "scene-holder" },
      canvas,
      h("p", { class: "hint", "data-screen-only": true }, "Drag to turn · click, then scroll to zoom"),
    ),
    canvas,
    resize: (width, height) => {
      size = { width, height };
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      paint();
    },
    refresh: () => {
      builtFor = -1;
      paint();
    },
    highlight: (next) => {
      target = next;
      soon();
    },
    reset: () => turning.reset(),
  };
}

/** The picture on the page's own paper, for saving. */
export function onPaper(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext("2d")!;
  context.fillStyle = css("--panel");
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(canvas, 0, 0);
  return copy;
}

function render(
  { gl, renderer }: Gpu,
  scene: Transform,
  camera: Camera,
  width: number,
  height: number,
): void {
  if (gl.canvas.width !== width || gl.canvas.height !== height) renderer.setSize(width, height);
  gl.clearColor(0, 0, 0, 0);
  renderer.render({ scene, camera, sort: false, frustumCull: false });
}
