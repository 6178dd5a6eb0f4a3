// Pointing at a chart: a cursor with a tooltip, by pointer or arrow keys; dragging zooms.

import { s } from "../common/dom";
import { clamp } from "../common/number";
import { hideTip, showTip, type Tip } from "../common/tooltip";
import type { Frame } from "./frame";

export interface Hover {
  /** Where the cursor stands, in pixels. */
  x: number;
  dots: { x: number; y: number; colour: string }[];
  tip: Tip;
}

export interface Actions {
  /** What is nearest to a place of the plot, in pixels. */
  hover(x: number, y: number): Hover | null;
  /** The next place for the arrow keys. */
  step?(x: number, direction: -1 | 1): number;
  /** Zooms to a range of x, in data; null goes back. */
  zoom?(range: [number, number] | null): void;
}

export function interact(frame: Frame, actions: Actions): void {
  const { svg, left, right, top, bottom } = frame;
  const cursor = s("g", { class: "cursor", "data-screen-only": true });
  const brush = s("rect", { class: "brush", "data-screen-only": true, y: top, height: bottom - top });
  const area = s("rect", {
    class: "hit-area",
    "data-screen-only": true,
    x: left,
    y: top,
    width: Math.max(0, right - left),
    height: bottom - top,
    tabindex: 0,
    role: "application",
    "aria-label": "Read values with the arrow keys",
  });
  svg.append(brush, cursor, area);
  let at = left;
  let from: number | null = null;

  const show = (x: number, y: number) => {
    at = clamp(x, left, right);
    const found = actions.hover(at, y);
    if (!found) return clear();
    const dots = found.dots.map((dot) => s("circle", { class: dot.colour, cx: dot.x, cy: dot.y, r: 4 }));
    cursor.replaceChildren(s("line", { x1: found.x, x2: found.x, y1: top, y2: bottom }), ...dots);
    const box = svg.getBoundingClientRect();
    showTip(found.tip, box.left + found.x, box.top + y);
  };
  const clear = () => {
    cursor.replaceChildren();
    hideTip();
  };
  const place = (event: PointerEvent) => {
    const box = svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top] as const;
  };

  area.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0 && actions.zoom) {
      from = place(event)[0];
      area.setPointerCapture(event.pointerId);
    }
  });
  area.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    if (from === null || Math.abs(x - from) < 4) return show(x, y);
    clear();
    const [low, high] = [Math.min(from, x), Math.max(from, x)].map((v) => clamp(v, left, right));
    brush.setAttribute("x", String(low));
    brush.setAttribute("width", String(high - low));
  });
  area.addEventListener("pointerup", (event) => {
    const start = from;
    from = null;
    brush.removeAttribute("width");
    if (start === null) return;
    const [low, high] = [Math.min(start, place(event)[0]), Math.max(start, place(event)[0])].map((v) =>
      clamp(v, left, right),
    );
    if (high - low > 8) actions.zoom?.([frame.x.invert(low), frame.x.invert(high)]);
  });
  area.addEventListener("dblclick", () => actions.zoom?.(null));
  area.addEventListener("pointerleave", clear);
  area.addEventListener("blur", clear);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return actions.zoom ? actions.zoom(null) : clear();
    const direction = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : null;
    if (direction === null) return;
    event.preventDefault();
    show(actions.step?.(at, direction) ?? at + 8 * direction, (top + bottom) / 2);
  });
}
