// A table that sorts by any column, with bars behind its numbers.

import { h } from "../common/dom";
import type { Drawing } from "../common/drawing";
import type { Cell, Column, Table } from "../common/model";
import { cellNumber, format, full } from "../common/number";
import { saveCsv } from "../common/save";
import { plain, rich } from "../common/text";

export function drawTable(table: Table, id: string): Drawing {
  let sorted: { column: number; down: boolean } | null = null;
  const body = h("tbody", {});
  const largest = table.columns.map((_, i) => Math.max(0, ...finite(table, i).map(Math.abs)));
  const fill = () => {
    const rows = sorted ? order(table.rows, sorted.column, sorted.down) : table.rows;
    body.replaceChildren(
      ...rows.map((row) =>
        h("tr", {}, ...row.map((cell, i) => drawCell(cell, table.columns[i], largest[i]))),
      ),
    );
  };
  const heads = table.columns.map((column, i) => {
    const sort = () => {
      // Numbers first from large to small, text from A to Z; the third click restores the order.
      const first = column.align === "right";
      sorted =
        sorted?.column !== i
          ? { column: i, down: first }
          : sorted.down === first
            ? { column: i, down: !first }
            : null;
      heads.forEach((head, j) =>
        head.setAttribute(
          "aria-sort",
          sorted?.column !== j ? "none" : sorted.down ? "descending" : "ascending",
        ),
      );
      fill();
    };
    return h(
      "th",
      { scope: "col", class: column.align, "aria-sort": "none" },
      h(
        "button",
        { type: "button", title: plain(column.note) || null, onclick: sort },
        h("span", {}, ...rich(column.label)),
        h("i", { class: "arrow", "aria-hidden": "true" }),
      ),
      column.unit && h("span", { class: "unit" }, ...rich(column.unit)),
    );
  });
  fill();
  return {
    element: h(
      "div",
      { class: "table-scroll", tabindex: 0 },
      h("table", { class: "data" }, h("thead", {}, h("tr", {}, ...heads)), body),
    ),
    controls: [],
    saves: [{ label: "CSV", title: "Save the numbers", run: () => saveCsv(csv(table), id) }],
    points: table.rows.length * table.columns.length,
  };
}

function drawCell(cell: Cell, column: Column, largest: number): HTMLElement {
  const number = cellNumber(cell);
  const share =
    column.bar && number !== null && Number.isFinite(number) && largest > 0 ? Math.abs(number) / largest : 0;
  const content =
    cell === null
      ? h("span", { class: "missing", title: "not computed" }, "–")
      : number === null
        ? h("span", {}, ...rich(String(cell)))
        : Number.isFinite(number)
          ? format(number)
          : h("span", { class: "not-finite" }, format(number));
  return h(
    "td",
    {
      class: column.align + (share ? " bar" : "") + (share && number! < 0 ? " below-zero" : ""),
      style: share ? `--share:${(100 * share).toFixed(1)}%` : null,
      title: number === null ? null : full(number),
    },
    content,
  );
}

function finite(table: Table, column: number): number[] {
  return table.rows.map((row) => cellNumber(row[column]) ?? NaN).filter(Number.isFinite);
}

/** What is not computed or not finite comes last either way. */
function order(rows: Cell[][], column: number, down: boolean): Cell[][] {
  const sign = down ? -1 : 1;
  const rank = (cell: Cell) => (cell === null ? 2 : Number.isFinite(cellNumber(cell) ?? 0) ? 0 : 1);
  return [...rows].sort((rowA, rowB) => {
    const [a, b] = [rowA[column], rowB[column]];
    if (rank(a) !== rank(b) || rank(a) > 0) return rank(a) - rank(b);
    const [x, y] = [cellNumber(a), cellNumber(b)];
    if (x !== null && y !== null) return sign * (x - y);
    return sign * plain(String(a)).localeCompare(plain(String(b)), "en", { numeric: true });
  });
}

function csv(table: Table) {
  const header = table.columns.map(
    (column) => plain(column.label) + (column.unit ? ` [${plain(column.unit)}]` : ""),
  );
  return { header, rows: table.rows.map((row) => row.map((cell) => cell ?? "")) };
}
