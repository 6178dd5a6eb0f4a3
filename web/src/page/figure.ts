// The shell around every figure: title, controls, drawing, caption.

import { drawBars } from "../chart/bars";
import { drawTree } from "../chart/tree";
import { drawDensity } from "../chart/density";
import { drawLines } from "../chart/lines";
import { h } from "../common/dom";
import type { Drawing } from "../common/drawing";
import type { Figure } from "../common/model";
import { paragraphs, plain, rich } from "../common/text";
import { drawSurface } from "../surface/figure";
import { drawCard } from "./card";
import { drawTable } from "./table";

export interface PlacedFigure {
  element: HTMLElement;
  /** Draws it for the width that it has now. */
  layout(): void;
}

export function placeFigure(figure: Figure): PlacedFigure {
  const drawing = attempt(figure);
  const saves = drawing.saves.map((save) =>
    h(
      "button",
      {
        type: "button",
        title: save.title,
        "aria-label": `${save.title}: ${plain(figure.title)}`,
        onclick: save.run,
      },
      save.label,
    ),
  );
  const head = h(
    "header",
    { class: "figure-head" },
    h("h3", {}, h("a", { href: `#${figure.id}`, class: "anchor" }, ...rich(figure.title))),
    h(
      "div",
      { class: "tools" },
      ...drawing.controls,
      h("div", { class: "saves", role: "group", "aria-label": "Save" }, ...saves),
    ),
  );
  const caption = h("figcaption", {}, ...paragraphs(figure.caption, "caption"));
  const element = h(
    "figure",
    {
      id: figure.id,
      class: `figure ${figure.width} kind-${figure.content.kind}`,
      "data-kind": figure.content.kind,
      "data-points": drawing.points,
    },
    head,
    drawing.element,
    figure.caption && caption,
  );
  let drawn = 0;
  const layout = () => {
    const width = Math.floor(drawing.element.clientWidth);
    if (!drawing.layout || width <= 0 || width === drawn) return;
    drawn = width;
    drawing.layout(width);
  };
  return { element, layout };
}

/** A figure that cannot be drawn says so; the others stand. */
function attempt(figure: Figure): Drawing {
  try {
    return draw(figure);
  } catch (error) {
    reportError(error);
    const message = h("p", { class: "broken" }, `This figure could not be drawn: ${error}`);
    return { element: message, controls: [], saves: [], points: 0 };
  }
}

function draw({ id, title, content }: Figure): Drawing {
  switch (content.kind) {
    case "card":
      return drawCard(content, id);
    case "lines":
      return drawLines(content, id, title);
    case "density":
      return drawDensity(content, id, title);
    case "surface":
      return drawSurface(content, id, title);
    case "table":
      return drawTable(content, id);
    case "bars":
      return drawBars(content, id, title);
    case "tree":
      return drawTree(content, id, title);
  }
}
