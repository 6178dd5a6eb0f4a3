// A disconnectivity tree: minima as ends of branches that join at the levels of passes.

import { h, s } from "../common/dom";
import type { Drawing } from "../common/drawing";
import type { Tree } from "../common/model";
import { clamp, format, full, read } from "../common/number";
import { savePng, saveCsv, saveSvg } from "../common/save";
import { plain } from "../common/text";
import { frame } from "./frame";
import { interact } from "./interact";
import { linePath } from "./path";
import { extent } from "./scale";

interface Node {
  /** Place along the axis of minima. */
  x: number;
  level: number;
  /** Names of the minima below it. */
  below: string[];
}

export function drawTree(data: Tree, id: string, title: string): Drawing {
  const leaves = data.leaves.map((leaf) => ({ label: leaf.label, value: read(leaf.value) }));
  const joints = data.joints.map((joint) => ({ ...joint, level: read(joint.level) }));
  const order = leafOrder(
    leaves.length,
    joints.map((joint) => joint.parts),
  );
  const place = new Map(order.map((leaf, i) => [leaf, i]));
  const nodes: Node[] = leaves.map((leaf, i) => ({
    x: place.get(i) ?? 0,
    level: leaf.value,
    below: [plain(leaf.label)],
  }));
  for (const { level, parts } of joints) {
    const [a, b] = parts.map((part) => nodes[part]);
    nodes.push({ x: (a.x + b.x) / 2, level, below: [...a.below, ...b.below] });
  }
  const used = new Set(joints.flatMap((joint) => joint.parts));
  const holder = h("div", { class: "plot" });
  let svg: SVGSVGElement;

  const draw = (width: number) => {
    const [low, high] = extent(
      nodes.map((node) => node.level),
      data.y.scale,
    );
    const plot = frame({
      title,
      width,
      plotHeight: clamp(width * 0.46, 200, 360),
      x: { label: "", kind: "linear", domain: [-0.5, Math.max(leaves.length, 1) - 0.5] },
      y: { label: data.y.label, kind: data.y.scale, domain: [low, high] },
      legend: [],
      categories: order.map((leaf) => leaves[leaf].label),
    });
    const shown = (level: number) => Number.isFinite(level) && (data.y.scale === "linear" || level > 0);
    // A level that the axis lacks lies at its lower edge.
    const at = (level: number) => (shown(level) ? plot.y.at(level) : plot.bottom);
    const group = s("g", { class: "c0" });
    const branch = (points: { x: number; y: number }[]) =>
      group.append(s("path", { class: "curve solid", d: linePath(points) }));
    for (const { level, parts } of joints) {
      const [a, b] = parts.map((part) => nodes[part]);
      branch([
        { x: plot.x.at(a.x), y: at(a.level) },
        { x: plot.x.at(a.x), y: at(level) },
        { x: plot.x.at(b.x), y: at(level) },
        { x: plot.x.at(b.x), y: at(b.level) },
      ]);
    }
    // What nothing joins goes on upwards: so far no way over it is known.
    nodes.forEach((node, i) => {
      if (!used.has(i) && shown(node.level))
        branch([
          { x: plot.x.at(node.x), y: at(node.level) },
          { x: plot.x.at(node.x), y: plot.top },
        ]);
    });
    plot.inside.append(group);
    const dots = s("g", { class: "c1" });
    nodes.slice(0, leaves.length).forEach((node) => {
      if (shown(node.level))
        dots.append(s("circle", { class: "dot", cx: plot.x.at(node.x), cy: at(node.level), r: 4.5 }));
    });
    plot.over.append(dots);
    interact(plot, {
      hover: (px) => {
        const i = nearest(
          nodes.map((node) => plot.x.at(node.x)),
          px,
        );
        const node = nodes[i];
        if (!node) return null;
        const joint = joints[i - leaves.length];
        const title = joint ? `${node.below.join(", ")} joined` : node.below[0];
        const rows = [
          { label: joint ? "from level" : "value", swatch: joint ? "c0" : "c1", value: format(node.level) },
        ];
        if (joint?.note) rows.push({ label: "by", swatch: "c0", value: joint.note });
        return { x: plot.x.at(node.x), dots: [], tip: { title, rows } };
      },
      step: (px, direction) => {
        const places = nodes.map((node) => plot.x.at(node.x)).sort((a, b) => a - b);
        const next =
          direction > 0 ? places.find((x) => x > px + 0.5) : places.reverse().find((x) => x < px - 0.5);
        return next ?? px;
      },
    });
    svg = plot.svg;
    holder.replaceChildren(svg);
  };

  return {
    element: holder,
    controls: [],
    saves: [
      { label: "SVG", title: "Save as vector drawing", run: () => saveSvg(svg, id) },
      { label: "PNG", title: "Save as picture", run: () => void savePng(svg, id) },
      {
        label: "CSV",
        title: "Save the numbers",
        run: () =>
          saveCsv(
            {
              header: ["node", "part", "part", plain(data.y.label), "name"],
              rows: nodes.map((node, i) => {
                const parts = joints[i - leaves.length]?.parts ?? ["", ""];
                return [String(i), ...parts.map(String), full(node.level), node.below.join(" ")];
              }),
            },
            id,
          ),
      },
    ],
    points: nodes.filter((node) => Number.isFinite(node.level)).length,
    layout: draw,
  };
}

/** The leaves in an order in which no branches cross. */
export function leafOrder(leaves: number, parts: [number, number][]): number[] {
  const groups: number[][] = Array.from({ length: leaves }, (_, i) => [i]);
  const joined = new Set<number>();
  for (const [a, b] of parts) {
    groups.push([...groups[a], ...groups[b]]);
    joined.add(a).add(b);
  }
  return groups.filter((_, i) => !joined.has(i)).flat();
}

function nearest(places: number[], px: number): number {
  let best = 0;
  places.forEach((x, i) => {
    if (Math.abs(x - px) < Math.abs(places[best] - px)) best = i;
  });
  return best;
}
