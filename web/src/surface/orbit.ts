// Turning and zooming by pointer, wheel and keys.

import { clamp } from "../common/number";
import type { Grid } from "./grid";

export interface Pose {
  /** Angle around the vertical, in radians; 0 looks along +y. */
  azimuth: number;
  /** Angle above the horizon, in radians. */
  elevation: number;
  distance: number;
}

/** The view that looks down over the lower side, so that the higher one stands behind. */
export function home({ xs, z }: Grid): Pose {
  const side = (i: number) => {
    const values = Array.from(z).filter((value, k) => k % xs.length === i && Number.isFinite(value));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const azimuth = side(xs.length - 1) < side(0) ? 0.6 : -0.6;
  return { azimuth, elevation: 0.55, distance: 6.0 };
}

export interface Orbit {
  pose: Pose;
  /** Whether the picture is in motion. */
  moving(): boolean;
  reset(): void;
}

/** Lets a reader turn an element from `start`; `onChange` is called at each frame of the motion. */
export function orbit(element: HTMLElement, start: Pose, onChange: () => void): Orbit {
  const goal = { ...start };
  const pose = { ...start };
  const pointers = new Map<number, { x: number; y: number }>();
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let running = false;
  let pinch = 0;

  const follow = () => {
    const keys = ["azimuth", "elevation", "distance"] as const;
    const share = still.matches ? 1 : 0.32;
    for (const key of keys) pose[key] += share * (goal[key] - pose[key]);
    const rest = Math.max(...keys.map((key) => Math.abs(goal[key] - pose[key])));
    running = rest > 1e-3;
    if (!running) Object.assign(pose, goal);
    onChange();
    if (running) requestAnimationFrame(follow);
  };
  const go = () => {
    goal.elevation = clamp(goal.elevation, -0.12, 1.5);
    goal.distance = clamp(goal.distance, 2.4, 12);
    if (!running) requestAnimationFrame(follow);
    running = true;
  };
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };

  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (pointers.size === 2) pinch = spread();
    element.classList.add("turning");
  });
  element.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (pointers.size === 1) {
      goal.azimuth -= (event.clientX - before.x) * 0.008;
      goal.elevation += (event.clientY - before.y) * 0.006;
    } else if (pointers.size === 2) {
      const now = spread();
      goal.distance *= pinch / (now || pinch);
      pinch = now;
    }
    go();
  });
  const release = (event: PointerEvent) => {
    pointers.delete(event.pointerId);
    if (!pointers.size) element.classList.remove("turning");
  };
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", release);
  element.addEventListener(
    "wheel",
    (event) => {
      // The wheel scrolls the page unless the reader has taken hold of the picture.
      if (!(event.ctrlKey || event.metaKey || document.activeElement === element)) return;
      event.preventDefault();
      goal.distance *= Math.exp(clamp(event.deltaY, -60, 60) * 0.004);
      go();
    },
    { passive: false },
  );
  element.addEventListener("keydown", (event) => {
    const turn: Record<string, () => void> = {
      ArrowLeft: () => (goal.azimuth += 0.15),
      ArrowRight: () => (goal.azimuth -= 0.15),
      ArrowUp: () => (goal.elevation += 0.1),
      ArrowDown: () => (goal.elevation -= 0.1),
      "+": () => (goal.distance /= 1.15),
      "=": () => (goal.distance /= 1.15),
      "-": () => (goal.distance *= 1.15),
      "0": () => Object.assign(goal, start),
    };
    if (!turn[event.key]) return;
    event.preventDefault();
    turn[event.key]();
    go();
  });
  const reset = () => {
    const turns = Math.round((pose.azimuth - start.azimuth) / (2 * Math.PI));
    pose.azimuth -= 2 * Math.PI * turns;
    Object.assign(goal, start);
    go();
  };
  return { pose, moving: () => running, reset };
}
