// The two programs of the 3-D view. Both write premultiplied colours.

export const MAX_LEVELS = 32;

const HEAD = `#version 300 es
precision highp float;
`;

/** Everything is given in world coordinates already. */
export const VERTEX = `${HEAD}
in vec3 position;
in vec3 normal;
in float t;
uniform mat4 projectionMatrix;
uniform mat4 viewMatrix;
uniform vec3 offset;
uniform float size;
out vec3 vPosition;
out vec3 vNormal;
out float vT;
void main() {
  vPosition = position * size + offset;
  vNormal = normal;
  vT = t;
  gl_Position = projectionMatrix * viewMatrix * vec4(vPosition, 1.0);
}`;

const LEVELS = `
uniform float levels[${MAX_LEVELS}];
uniform int levelCount;
/** 1 on a level line, falling to 0 within a pixel or so. */
float onLevel(float t, float width) {
  float nearest = 1e9;
  for (int i = 0; i < ${MAX_LEVELS}; i++) {
    if (i >= levelCount) break;
    nearest = min(nearest, abs(t - levels[i]));
  }
  float pixels = nearest / max(fwidth(t), 1e-6);
  return 1.0 - smoothstep(width * 0.5, width * 0.5 + 1.0, pixels);
}`;

/** The surface: colour by height, level lines, soft light from above the reader's left shoulder. */
export const SURFACE = `${HEAD}
in vec3 vPosition;
in vec3 vNormal;
in float vT;
uniform sampler2D ramp;
uniform vec3 eye;
uniform vec3 light;
${LEVELS}
out vec4 colour;
void main() {
  vec3 base = texture(ramp, vec2(clamp(vT, 0.002, 0.998), 0.5)).rgb;
  vec3 view = normalize(eye - vPosition);
  vec3 n = normalize(vNormal);
  bool below = dot(n, view) < 0.0;
  if (below) n = -n;
  float diffuse = max(dot(n, light), 0.0);
  float shine = pow(max(dot(n, normalize(light + view)), 0.0), 40.0);
  vec3 lit = base * (0.66 + 0.42 * diffuse) + vec3(0.07 * shine);
  if (below) lit *= 0.8;
  float dark = dot(base, vec3(0.2126, 0.7152, 0.0722));
  vec3 ink = dark < 0.42 ? vec3(1.0) : vec3(0.0);
  lit = mix(lit, ink, 0.34 * onLevel(vT, 0.9));
  colour = vec4(lit, 1.0);
}`;

/** The floor: level lines in their colours on a breath of shading; hatching over holes. */
export const FLOOR_FRAGMENT = `${HEAD}
in vec3 vPosition;
in vec3 vNormal;
in float vT;
uniform sampler2D ramp;
uniform vec3 hatch;
uniform float wash;
${LEVELS}
out vec4 colour;
void main() {
  if (vT < -0.5) {
    float stripe = fract((vPosition.x + vPosition.z) * 22.0);
    float alpha = 0.55 * smoothstep(0.62, 0.7, stripe) * (1.0 - smoothstep(0.9, 0.98, stripe));
    colour = vec4(hatch * alpha, alpha);
    return;
  }
  vec3 base = texture(ramp, vec2(clamp(vT, 0.002, 0.998), 0.5)).rgb;
  float alpha = max(wash, 0.95 * onLevel(vT, 1.1));
  colour = vec4(base * alpha, alpha);
}`;

/** Tubes, beads and lines of one colour. */
export const PLAIN = `${HEAD}
in vec3 vPosition;
in vec3 vNormal;
in float vT;
uniform vec4 tint;
uniform float shaded;
uniform vec3 eye;
uniform vec3 light;
out vec4 colour;
void main() {
  vec3 n = normalize(vNormal + vec3(1e-6));
  float rim = pow(1.0 - abs(dot(n, normalize(eye - vPosition))), 2.0);
  float bright = mix(1.0, (0.88 + 0.22 * max(dot(n, light), 0.0)) * (1.0 - 0.3 * rim), shaded);
  colour = vec4(tint.rgb * bright * tint.a, tint.a);
}`;
