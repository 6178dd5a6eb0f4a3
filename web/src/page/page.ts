// The page: header, contents, chapters, provenance.

import { h, s } from "../common/dom";
import type { Headline, Provenance, Report, Section } from "../common/model";
import { cellNumber, format, full } from "../common/number";
import { paragraphs, plain, rich } from "../common/text";
import { themeButton } from "../common/theme";
import { placeFigure, type PlacedFigure } from "./figure";

/** Builds the page; the promise is kept once every figure is drawn. */
export async function buildPage(report: Report): Promise<void> {
  const figures: PlacedFigure[] = [];
  const sections = report.sections.map((section) => drawSection(section, figures));
  const links = [
    ...report.sections.map(({ id, title }) => ({ id, title })),
    { id: "provenance", title: "Provenance" },
  ];
  document.body.append(
    h("a", { class: "skip", href: "#content" }, "Skip to the content"),
    h(
      "div",
      { class: "layout" },
      h(
        "aside",
        { class: "side" },
        h("div", { class: "brand" }, mark(), h("span", {}, "Thalweg"), themeButton()),
        contents(links),
      ),
      h("main", { id: "content" }, drawHeader(report), ...sections, drawProvenance(report.provenance)),
    ),
  );
  await drawInTurn(figures);
  // In the next frame: drawing changes the height, which would call the observer within itself.
  const layout = () => figures.forEach((figure) => figure.layout());
  new ResizeObserver(() => requestAnimationFrame(layout)).observe(document.getElementById("content")!);
}

/** What the reader sees first is drawn at once, the rest one by one without blocking the page. */
async function drawInTurn(figures: PlacedFigure[]): Promise<void> {
  for (const figure of figures) {
    if (figure.element.getBoundingClientRect().top > innerHeight) {
      await new Promise((resume) => setTimeout(resume));
    }
    figure.layout();
  }
  // What stood at the address moved while figures above it were drawn.
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function drawHeader(report: Report): HTMLElement {
  return h(
    "header",
    { class: "page-head" },
    h("h1", {}, ...rich(report.title)),
    ...paragraphs(report.subtitle, "subtitle"),
    report.headline.length > 0 && h("dl", { class: "headline" }, ...report.headline.map(drawHeadline)),
  );
}

function drawHeadline({ label, value, unit, note }: Headline): HTMLElement {
  const number = cellNumber(value);
  const shown = number !== null ? format(number) : value === null ? "–" : String(value);
  const isWarning = number !== null && !Number.isFinite(number);
  return h(
    "div",
    {},
    h("dt", {}, ...rich(label)),
    h(
      "dd",
      { class: isWarning ? "not-finite" : "", title: number === null ? null : full(number) },
      ...(number === null ? rich(shown) : [shown]),
      unit && h("span", { class: "unit" }, " ", ...rich(unit)),
    ),
    note && h("dd", { class: "note" }, ...rich(note)),
  );
}

function drawSection(section: Section, figures: PlacedFigure[]): HTMLElement {
  const placed = section.figures.map(placeFigure);
  figures.push(...placed);
  return h(
    "section",
    { id: section.id, "aria-labelledby": `${section.id}-title` },
    h("h2", { id: `${section.id}-title` }, ...rich(section.title)),
    ...paragraphs(section.lead, "lead"),
    h("div", { class: "figures" }, ...placed.map((figure) => figure.element)),
  );
}

function drawProvenance({ command, facts, notes }: Provenance): HTMLElement {
  return h(
    "section",
    { id: "provenance", "aria-labelledby": "provenance-title" },
    h("h2", { id: "provenance-title" }, "Provenance"),
    command && h("div", { class: "command" }, h("pre", {}, h("code", {}, command)), copyButton(command)),
    h(
      "dl",
      { class: "facts" },
      ...facts.map(({ label, value }) =>
        h("div", { class: value.length > 44 ? "long" : null }, h("dt", {}, label), h("dd", {}, value)),
      ),
    ),
    notes.length > 0 && h("ul", { class: "remarks" }, ...notes.map((note) => h("li", {}, ...rich(note)))),
  );
}

function copyButton(text: string): HTMLElement {
  const button = h("button", { type: "button", class: "text-button", title: "Copy the command" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // Without access to the clipboard, selecting the text leaves one key to press.
      getSelection()?.selectAllChildren(button.previousElementSibling!);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  return button;
}

/** The table of contents, which marks the chapter that is being read. */
function contents(links: { id: string; title: string }[]): HTMLElement {
  const anchors = links.map(({ id, title }) => h("a", { href: `#${id}` }, plain(title)));
  const update = () => {
    const line = innerHeight * 0.3;
    const tops = links.map(({ id }) => document.getElementById(id)?.getBoundingClientRect().top ?? Infinity);
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const current = atEnd && scrollY > 0 ? tops.length - 1 : tops.filter((top) => top <= line).length - 1;
    anchors.forEach((anchor, i) =>
      i === Math.max(0, current)
        ? anchor.setAttribute("aria-current", "true")
        : anchor.removeAttribute("aria-current"),
    );
  };
  addEventListener("scroll", update, { passive: true });
  requestAnimationFrame(update);
  return h("nav", { class: "contents", "aria-label": "Contents" }, ...anchors);
}

/** A valley of contours and the line of its lowest points. */
function mark(): SVGElement {
  const line = (d: string, extra = {}) =>
    s("path", {
      d,
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.6,
      "stroke-linecap": "round",
      ...extra,
    });
  return s(
    "svg",
    { class: "logo", viewBox: "0 0 24 24", width: 26, height: 26, "aria-hidden": "true" },
    line("M3 4c0 6 3 7 3 12s-1 5-1 5", { opacity: 0.35 }),
    line("M21 4c0 6-3 7-3 12s1 5 1 5", { opacity: 0.35 }),
    line("M7.5 3.5c0 5 2 6 2 10.500s-1 5-1 7", { opacity: 0.6 }),
    line("M16.500 3.500c0 5-2 6-2 10.500s1 5 1 7", { opacity: 0.6 }),
    line("M12 3c-1.500 4 1.500 6 0 10s1 5 0 8", { class: "logo-line", "stroke-width": 2.2 }),
  );
}
