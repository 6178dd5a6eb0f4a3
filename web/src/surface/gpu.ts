// One WebGL context for all surfaces of the page, drawn into ordinary canvases.
//
// Browsers allow few contexts, and lose them; a picture in a 2-D canvas stays,
// prints and saves.

import { Renderer, type OGLRenderingContext } from "ogl";

export interface Gpu {
  gl: OGLRenderingContext;
  renderer: Renderer;
  /** Grows when the context was lost and is back: everything on it must be made anew. */
  generation: number;
}

let gpu: Gpu | null | undefined;
const listeners = new Set<() => void>();

/** The page's context, or null where the browser offers no WebGL 2. */
export function useGpu(): Gpu | null {
  if (gpu !== undefined) return gpu;
  const canvas = document.createElement("canvas");
  try {
    // A canvas keeps its first context, so this is the one that the renderer gets.
    const options = { alpha: true, antialias: true, premultipliedAlpha: true };
    if (!canvas.getContext("webgl2", { ...options, depth: true, stencil: false })) return (gpu = null);
    const make = () => new Renderer({ canvas, dpr: 1, ...options });
    const renderer = make();
    const made: Gpu = { gl: renderer.gl, renderer, generation: 0 };
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      made.renderer = make();
      made.gl = made.renderer.gl;
      made.generation++;
      listeners.forEach((listener) => listener());
    });
    return (gpu = made);
  } catch {
    return (gpu = null);
  }
}

/** Calls back when pictures must be drawn again. */
export function onRestored(listener: () => void): void {
  listeners.add(listener);
}
