// The one tooltip of the page.

import { h } from "./dom";
import { rich } from "./text";

export interface Tip {
  title: string;
  rows: { label: string; value: string; swatch?: string }[];
}

let box: HTMLElement | undefined;

/** Shows the tip beside a point of the window. */
export function showTip(tip: Tip, clientX: number, clientY: number): void {
  box ??= document.body.appendChild(h("div", { class: "tip", role: "status" }));
  const rows = tip.rows.map((row) =>
    h(
      "tr",
      {},
      h("td", {}, row.swatch ? h("i", { class: `swatch ${row.swatch}` }) : null, ...rich(row.label)),
      h("td", {}, row.value),
    ),
  );
  box.replaceChildren(h("strong", {}, ...rich(tip.title)), h("table", {}, ...rows));
  box.style.display = "block";
  const { width, height } = box.getBoundingClientRect();
  const gap = 14;
  const right = clientX + gap + width < document.documentElement.clientWidth - 4;
  const below = clientY + gap + height < innerHeight - 4;
  box.style.left = `${Math.max(4, right ? clientX + gap : clientX - gap - width)}px`;
  box.style.top = `${Math.max(4, below ? clientY + gap : clientY - gap - height)}px`;
}

export function hideTip(): void {
  if (box) box.style.display = "none";
}
