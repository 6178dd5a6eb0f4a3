// Bars, one a category.

import { h, s } from "../common/dom";
import type { Drawing } from "../common/drawing";
import type { Bars } from "../common/model";
import { clamp, format, full, read } from "../common/number";
import { savePng, saveCsv, saveSvg } from "../common/save";
import { plain } from "../common/text";
import { frame, type LegendEntry } from "./frame";
import { interact } from "./interact";
import { linePath } from "./path";
import { extent } from "./scale";

export function drawBars(data: Bars, id: string, title: string): Drawing {
  const bars = data.bars.map((bar) => ({
    label: bar.label,
    value: read(bar.value),
    stderr: bar.stderr === null ? 0 : read(bar.stderr),
  }));
  let running = 0;
  const sums = bars.map((bar) => (running += Number.isFinite(bar.value) ? bar.value : 0));
  const log = data.y.scale === "log";
  const holder = h("div", { class: "plot" });
  let svg: SVGSVGElement;

  const draw = (width: number) => {
    const ends = bars
      .flatMap((b) => [b.value - b.stderr, b.value + b.stderr])
      .concat(data.cumulative ? sums : []);
    const [low, high] = extent(log ? ends : [...ends, 0], data.y.scale);
    const lowest = Math.min(0, ...ends.filter(Number.isFinite));
    const legend: LegendEntry[] = [
      { name: data.y.label, colour: "c0", glyph: "bar" },
      { name: "running sum", colour: "c1", glyph: "dotted" },
    ];
    const plot = frame({
      title,
      width,
      plotHeight: clamp(width * 0.42, 180, 300),
      x: { label: data.label, kind: "linear", domain: [-0.5, Math.max(bars.length, 1) - 0.5] },
      y: {
        label: data.cumulative ? "" : data.y.label,
        kind: data.y.scale,
        domain: log ? [low, high] : [lowest < 0 ? low : 0, high],
      },
      legend: data.cumulative ? legend : [],
      categories: bars.map((bar) => bar.label),
    });
    const base = log ? plot.bottom : plot.y.at(0);
    const room = plot.x.at(1) - plot.x.at(0);
    const group = s("g", { class: "c0" });
    bars.forEach((bar, i) => {
      const x = plot.x.at(i);
      const size = Math.min(room * 0.68, 56);
      if (!Number.isFinite(bar.value) || (log && bar.value <= 0)) {
        group.append(
          s("text", { class: "tick", x, y: base - 6, "text-anchor": "middle" }, format(bar.value)),
        );
        return;
      }
      const y = plot.y.at(bar.value);
      group.append(
        s("rect", {
          class: "bar",
          x: x - size / 2,
          width: size,
          y: Math.min(y, base),
          height: Math.abs(base - y),
          rx: 2,
        }),
      );
      if (bar.stderr > 0) {
        const from = log && bar.value <= bar.stderr ? plot.bottom : plot.y.at(bar.value - bar.stderr);
        group.append(
          s("line", { class: "error strong", x1: x, x2: x, y1: from, y2: plot.y.at(bar.value + bar.stderr) }),
        );
      }
    });
    plot.inside.append(group);
    if (data.cumulative) {
      const points = sums.map((sum, i) => ({ x: plot.x.at(i), y: plot.y.at(sum) }));
      plot.over.append(
        s(
          "g",
          { class: "c1" },
          s("path", { class: "curve solid", d: linePath(points) }),
          ...points.map((p) => s("circle", { class: "dot", cx: p.x, cy: p.y, r: 3 })),
        ),
      );
    }
    interact(plot, {
      hover: (px) => {
        const i = clamp(Math.round(plot.x.invert(px)), 0, bars.length - 1);
        const bar = bars[i];
        if (!bar) return null;
        const rows = [
          {
            label: data.y.label,
            swatch: "c0",
            value: format(bar.value) + (bar.stderr > 0 ? ` ± ${format(bar.stderr, 2)}` : ""),
          },
        ];
        if (data.cumulative) rows.push({ label: "running sum", swatch: "c1", value: format(sums[i]) });
        return { x: plot.x.at(i), dots: [], tip: { title: `${data.label} ${bar.label}`, rows } };
      },
      step: (px, direction) => plot.x.at(Math.round(plot.x.invert(px)) + direction),
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
              header: [plain(data.label), plain(data.y.label), "standard error"],
              rows: bars.map((b) => [plain(b.label), full(b.value), b.stderr ? full(b.stderr) : ""]),
            },
            id,
          ),
      },
    ],
    points: bars.filter((bar) => Number.isFinite(bar.value)).length,
    layout: draw,
  };
}
