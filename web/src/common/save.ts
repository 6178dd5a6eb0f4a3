// Saving a figure: SVG, PNG and CSV, made in the page.

import { css } from "./theme";

/** The styles that a drawing takes from the page's sheet and must carry with it. */
const CARRIED = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-style",
  "font-weight",
  "text-anchor",
  "dominant-baseline",
  "paint-order",
  "visibility",
];

const SVG = "http://www.w3.org/2000/svg";
/** Empty paper around a saved drawing, in pixels. */
const MARGIN = 18;

export interface CsvTable {
  header: string[];
  rows: (string | number)[][];
}

export function saveSvg(svg: SVGSVGElement, name: string): void {
  download(new Blob([standalone(svg)], { type: "image/svg+xml" }), `${name}.svg`);
}

export async function savePng(svg: SVGSVGElement, name: string): Promise<void> {
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(standalone(svg));
  await image.decode();
  const scale = 3;
  const canvas = document.createElement("canvas");
  const { width, height } = paperSize(svg);
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  saveCanvas(canvas, name);
}

export function saveCanvas(canvas: HTMLCanvasElement, name: string): void {
  canvas.toBlob((blob) => blob && download(blob, `${name}.png`), "image/png");
}

export function saveCsv(table: CsvTable, name: string): void {
  const quote = (cell: string | number) =>
    /[",\n]/.test(String(cell)) ? `"${String(cell).replace(/"/g, '""')}"` : String(cell);
  const lines = [table.header, ...table.rows].map((row) => row.map(quote).join(","));
  download(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }), `${name}.csv`);
}

/** The drawing as a file of its own, in the colours that it has on the page. */
export function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const sources = [svg, ...svg.querySelectorAll("*")];
  const targets = [copy, ...copy.querySelectorAll("*")];
  sources.forEach((source, i) => {
    const target = targets[i];
    if (source.closest("[data-screen-only]")) return;
    const computed = getComputedStyle(source);
    const above = source === svg ? null : getComputedStyle(source.parentElement!);
    // All but opacity are inherited, so only what differs from the parent is needed.
    const needed = CARRIED.filter((name) =>
      name === "opacity"
        ? computed.opacity !== "1"
        : computed.getPropertyValue(name) !== above?.getPropertyValue(name),
    );
    target.removeAttribute("style");
    if (needed.length) {
      target.setAttribute(
        "style",
        needed.map((name) => `${name}:${computed.getPropertyValue(name)}`).join(";"),
      );
    }
    for (const name of ["class", "tabindex", "role"]) target.removeAttribute(name);
  });
  copy.querySelectorAll("[data-screen-only]").forEach((node) => node.remove());
  const { width, height } = paperSize(svg);
  const view = { x: -MARGIN, y: -MARGIN, width, height };
  const set = (element: Element, attributes: Record<string, string | number>) =>
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, String(value)));
  set(copy, { xmlns: SVG, width, height, viewBox: Object.values(view).join(" ") });
  const paper = document.createElementNS(SVG, "rect");
  set(paper, { ...view, fill: css("--panel") });
  copy.insertBefore(paper, copy.firstChild);
  return new XMLSerializer().serializeToString(copy);
}

function paperSize(svg: SVGSVGElement): { width: number; height: number } {
  return { width: svg.clientWidth + 2 * MARGIN, height: svg.clientHeight + 2 * MARGIN };
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
