// Everything that stands in the 3-D view, on the graphics card.

import { Geometry, Mesh, Program, Texture, Transform } from "ogl";
import { rgb, type Ramp } from "../common/colour";
import { css, theme } from "../common/theme";
import type { Gpu } from "./gpu";
import { interpolate } from "./grid";
import { balls, drape, floorMesh, surfaceMesh, tube, type Triangles } from "./mesh";
import { FLOOR_FRAGMENT, MAX_LEVELS, PLAIN, SURFACE, VERTEX } from "./shaders";
import { FLOOR, HEIGHT, unit, type Space, type Vec } from "./space";
import type { State, Target } from "./state";

export interface Parts {
  scene: Transform;
  /** Turns the light and the back walls to the reader. */
  look(eye: Vec, azimuth: number): void;
  /** Where a target is drawn; null if it is not. */
  placeOf(target: Target): Vec | null;
  ring: { ball: Mesh; stem: Mesh };
  dispose(): void;
}

/** Critical points stand out from all ramps by lightness alone. */
const CRITICAL = { minimum: "#ffffff", saddle: "#111111", maximum: "#8a8a8a" };

type Tint = [number, number, number, number];

export function build(gpu: Gpu, state: State, box: Space): Parts {
  const { gl } = gpu;
  const scene = new Transform();
  const light: Vec = [0, 1, 0];
  const eye: Vec = [0, 0, 1];
  const ramp = rampTexture(gpu, state.ramp);
  const used = state.shading.levels.slice(0, MAX_LEVELS);
  // A plain array: the library does not take a typed one for an array of uniforms.
  const levels = Array.from({ length: MAX_LEVELS }, (_, i) => used[i]?.t ?? -9);
  const common = () => ({
    offset: { value: [0, 0, 0] },
    size: { value: 1 },
    eye: { value: eye },
    light: { value: light },
  });
  const contour = { ramp: { value: ramp }, levels: { value: levels }, levelCount: { value: used.length } };
  const hatch = {
    hatch: { value: rgb(css("--muted-rgb")) },
    wash: { value: theme() === "dark" ? 0.16 : 0.2 },
  };
  const options = { vertex: VERTEX, cullFace: false as const };
  const surface = new Program(gl, { ...options, fragment: SURFACE, uniforms: { ...common(), ...contour } });
  const floor = new Program(gl, {
    ...options,
    fragment: FLOOR_FRAGMENT,
    transparent: true,
    uniforms: { ...common(), ...contour, ...hatch },
  });
  const plain = new Program(gl, {
    ...options,
    fragment: PLAIN,
    transparent: true,
    uniforms: { ...common(), tint: { value: [0, 0, 0, 1] }, shaded: { value: 1 } },
  });
  const meshes: Mesh[] = [];

  const add = (
    triangles: Triangles,
    program: Program,
    tint?: Tint,
    mode: number = gl.TRIANGLES,
    shaded = 1,
  ) => {
    const geometry = new Geometry(gl, {
      position: { size: 3, data: triangles.position },
      normal: { size: 3, data: triangles.normal },
      t: { size: 1, data: triangles.t },
      ...(triangles.index.length && { index: { data: triangles.index } }),
    });
    const mesh = new Mesh(gl, { geometry, program, mode });
    // The program is shared; what differs is set just before each draw.
    if (tint)
      mesh.onBeforeRender(() =>
        Object.assign(program.uniforms, { tint: { value: tint }, shaded: { value: shaded } }),
      );
    mesh.setParent(scene);
    meshes.push(mesh);
    return mesh;
  };

  add(floorMesh(state, box), floor);
  const wire = rgb(css("--rule-rgb"));
  const walls = wallLines(state, box).map(({ facing, lines }) => ({
    facing,
    mesh: add(segments(lines), plain, [...wire, 1], gl.LINES, 0),
  }));
  add(segments(frameLines(box)), plain, [...wire, 1], gl.LINES, 0);
  add(surfaceMesh(state, box), surface);

  const places = state.ways.map((way) => way.points.map((p) => onSurface(state, box, p.x, p.y)));
  state.ways.forEach((way, w) => {
    const colour = rgb(way.colour);
    for (const part of drape(state, box, way, 0.008)) {
      if (part.length < 2) continue;
      add(tube(part, 0.0125), plain, [...colour, 1]);
      add(
        tube(
          part.map(([x, , z]): Vec => [x, FLOOR + 0.004, z]),
          0.006,
        ),
        plain,
        [...colour, 0.9],
        gl.TRIANGLES,
        0,
      );
    }
    const shown = places[w].filter((p): p is Vec => p !== null);
    if (!shown.length) return;
    const [start, end] = [places[w][0], places[w][places[w].length - 1]];
    if (shown.length <= 200) add(balls(shown, 0.019), plain, [...colour, 1]);
    if (start) add(balls([start], 0.034), plain, [1, 1, 1, 1]);
    if (end) add(balls([end], 0.042), plain, [...colour, 1]);
    if (state.showTrueLoss) addTrueValues(w);
  });

  for (const kind of ["minimum", "saddle", "maximum"] as const) {
    const marks = state.landmarks.filter((mark) => mark.kind === kind);
    const at = marks.map((mark) => onSurface(state, box, mark.x, mark.y)).filter((p): p is Vec => p !== null);
    if (at.length) add(balls(at, 0.026), plain, [...rgb(CRITICAL[kind]), 1]);
  }

  function addTrueValues(w: number) {
    const colour = rgb(state.ways[w].colour);
    const pairs = state.ways[w].points.flatMap((p, n) => {
      const low = places[w][n];
      const t = state.shading.t(p.loss);
      if (!low || Number.isNaN(t)) return [];
      return [{ low, high: box.toWorld(p.x, p.y, t) }];
    });
    const high = pairs.map((pair) => pair.high);
    add(segments(pairs.flatMap((pair) => [pair.low, pair.high])), plain, [...colour, 0.45], gl.LINES, 0);
    if (high.length > 1) add(tube(high, 0.0045), plain, [...colour, 0.55]);
    add(balls(high, 0.012), plain, [...colour, 0.75]);
  }

  const ring = {
    ball: add(balls([[0, 0, 0]], 0.03), plain, [1, 1, 1, 1]),
    stem: add(
      segments([
        [0, 0, 0],
        [0, -1, 0],
      ]),
      plain,
      [...rgb(css("--text-rgb")), 0.8],
      gl.LINES,
      0,
    ),
  };
  return {
    scene,
    ring,
    look: (from, azimuth) => {
      eye.splice(0, 3, ...from);
      const left = azimuth - 0.75;
      light.splice(0, 3, ...unit([Math.sin(left), 1.15, Math.cos(left)]));
      for (const { facing, mesh } of walls) mesh.visible = facing(from);
    },
    placeOf: (target) => {
      if ("way" in target) return places[target.way][target.point];
      const { i, j } = target.node;
      const { xs, ys } = state.grid;
      const t = state.heights[j * xs.length + i];
      return Number.isFinite(t) ? box.toWorld(xs[i], ys[j], t) : null;
    },
    dispose: () => {
      for (const mesh of meshes) mesh.geometry.remove();
      for (const program of [surface, floor, plain]) program.remove();
      gl.deleteTexture(ramp.texture);
    },
  };
}

/** Puts the marker where the reader points. */
export function setRing({ ring, placeOf }: Parts, state: State, _box: Space, target: Target | null): void {
  const place = target && placeOf(target);
  ring.ball.visible = ring.stem.visible = place !== null;
  if (!place) return;
  const tint: Tint = [...rgb("way" in target! ? state.ways[target.way].colour : "#ffffff"), 1];
  const uniforms = ring.ball.program.uniforms;
  ring.ball.beforeRenderCallbacks = [
    () => Object.assign(uniforms, { tint: { value: tint }, shaded: { value: 1 }, offset: { value: place } }),
  ];
  ring.ball.afterRenderCallbacks = [() => Object.assign(uniforms, { offset: { value: [0, 0, 0] } })];
  const stem: Tint = [...rgb(css("--text-rgb")), 0.8];
  ring.stem.beforeRenderCallbacks = [
    () =>
      Object.assign(uniforms, {
        tint: { value: stem },
        shaded: { value: 0 },
        offset: { value: place },
        size: { value: place[1] - FLOOR },
      }),
  ];
  ring.stem.afterRenderCallbacks = [
    () => Object.assign(uniforms, { offset: { value: [0, 0, 0] }, size: { value: 1 } }),
  ];
}

function onSurface(state: State, box: Space, x: number, y: number): Vec | null {
  const t = interpolate(state.grid, state.heights, x, y);
  return Number.isFinite(t) ? box.toWorld(x, y, t) : null;
}

function segments(points: Vec[]): Triangles {
  const count = points.length;
  return {
    position: Float32Array.from(points.flat()),
    normal: new Float32Array(3 * count),
    t: new Float32Array(count),
    index: new Uint32Array(0),
  };
}

function frameLines({ halfX, halfZ }: Space): Vec[] {
  const corners: Vec[] = [
    [-halfX, FLOOR, -halfZ],
    [halfX, FLOOR, -halfZ],
    [halfX, FLOOR, halfZ],
    [-halfX, FLOOR, halfZ],
  ];
  return corners.flatMap((corner, i) => [corner, corners[(i + 1) % 4]]);
}

/** The four walls with a line at each labelled height; only those behind the surface are shown. */
function wallLines(state: State, { halfX, halfZ }: Space): { facing(eye: Vec): boolean; lines: Vec[] }[] {
  const heights = [
    FLOOR,
    HEIGHT,
    ...state.shading.levels.filter((_, i) => i % 2 === 0).map((level) => level.t * HEIGHT),
  ];
  const wall = (a: [number, number], b: [number, number]) => [
    ...heights.flatMap((y): Vec[] => [
      [a[0], y, a[1]],
      [b[0], y, b[1]],
    ]),
    ...[a, b].flatMap(([x, z]): Vec[] => [
      [x, FLOOR, z],
      [x, HEIGHT, z],
    ]),
  ];
  return [
    { facing: (eye) => eye[0] > 0, lines: wall([-halfX, -halfZ], [-halfX, halfZ]) },
    { facing: (eye) => eye[0] <= 0, lines: wall([halfX, -halfZ], [halfX, halfZ]) },
    { facing: (eye) => eye[2] > 0, lines: wall([-halfX, -halfZ], [halfX, -halfZ]) },
    { facing: (eye) => eye[2] <= 0, lines: wall([-halfX, halfZ], [halfX, halfZ]) },
  ];
}

function rampTexture({ gl }: Gpu, ramp: Ramp): Texture {
  const count = 256;
  const image = new Uint8Array(4 * count);
  for (let i = 0; i < count; i++)
    image.set([...rgb(ramp(i / (count - 1))).map((c) => Math.round(255 * c)), 255], 4 * i);
  return new Texture(gl, {
    image,
    width: count,
    height: 1,
    generateMipmaps: false,
    flipY: false,
    minFilter: gl.LINEAR,
    magFilter: gl.LINEAR,
  });
}
