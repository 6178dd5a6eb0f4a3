// The point card: the verdict in words, and the numbers behind it.

import { h } from "../common/dom";
import type { Drawing } from "../common/drawing";
import type { Card, Row } from "../common/model";
import { cellNumber, format, formatUncertainty, formatWithError, full, read } from "../common/number";
import { saveCsv } from "../common/save";
import { paragraphs, plain, rich } from "../common/text";

export function drawCard(card: Card, id: string): Drawing {
  const { verdict, rows } = card;
  const head = h(
    "div",
    { class: `verdict tone-${verdict.tone}` },
    h(
      "p",
      { class: "verdict-title" },
      h("span", { class: "verdict-dot", "aria-hidden": "true" }),
      h("strong", {}, ...rich(verdict.title)),
      verdict.badge && h("span", { class: "badge" }, ...rich(verdict.badge)),
    ),
    ...paragraphs(verdict.evidence, "evidence"),
  );
  const list = h("dl", { class: "rows" }, ...rows.map(drawRow));
  return {
    element: h("div", { class: "card" }, head, list),
    controls: [],
    saves: [{ label: "CSV", title: "Save the numbers", run: () => saveCsv(csv(rows), id) }],
    points: rows.filter((row) => Number.isFinite(cellNumber(row.value) ?? NaN)).length,
  };
}

function drawRow(row: Row): HTMLElement {
  const uncertainty = row.uncertainty && formatUncertainty(row.uncertainty, cellNumber(row.value) ?? NaN);
  return h(
    "div",
    { class: "row" },
    h("dt", {}, ...rich(row.label)),
    h(
      "dd",
      { class: "value", title: exact(row) },
      shown(row),
      row.unit && h("span", { class: "unit" }, " ", ...rich(row.unit)),
      uncertainty && h("span", { class: "uncertainty" }, ...rich(uncertainty)),
    ),
    h("dd", { class: "explanation" }, ...rich(row.note)),
  );
}

function shown({ value, uncertainty }: Row): Node | string {
  const number = cellNumber(value);
  if (value === null) return h("span", { class: "missing", title: "not computed" }, "–");
  if (number === null) return h("span", {}, ...rich(String(value)));
  if (!Number.isFinite(number)) return h("span", { class: "not-finite" }, `not finite (${format(number)})`);
  return uncertainty?.kind === "standard_error"
    ? formatWithError(number, read(uncertainty.value)).value
    : uncertainty?.kind === "residual"
      ? format(number, 6)
      : format(number);
}

function exact({ value }: Row): string | null {
  const number = cellNumber(value);
  return number === null ? null : full(number);
}

function csv(rows: Row[]) {
  return {
    header: ["quantity", "value", "unit", "uncertainty", "note"],
    rows: rows.map((row) => [
      plain(row.label),
      row.value ?? "",
      row.unit,
      row.uncertainty ? formatUncertainty(row.uncertainty, cellNumber(row.value) ?? NaN) : "",
      plain(row.note),
    ]),
  };
}
