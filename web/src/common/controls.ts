// Small controls above a figure.

import { h } from "./dom";

/** A row of choices of which one is taken. */
export function choice<T extends string>(
  label: string,
  options: T[],
  chosen: T,
  onChange: (option: T) => void,
): HTMLElement {
  const buttons = options.map((option) =>
    h("button", { type: "button", "aria-pressed": option === chosen, onclick: () => pick(option) }, option),
  );
  const pick = (option: T) => {
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(options[i] === option)));
    onChange(option);
  };
  buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(options[i] === chosen)));
  return h("div", { class: "choice", role: "group", "aria-label": label }, h("span", {}, label), ...buttons);
}

/** A switch that is on or off. */
export function toggle(label: string, on: boolean, onChange: (on: boolean) => void): HTMLElement {
  const box = h("input", { type: "checkbox", onchange: () => onChange(box.checked) });
  box.checked = on;
  return h("label", { class: "toggle" }, box, label);
}

export function button(label: string, title: string, onClick: () => void): HTMLButtonElement {
  return h("button", { class: "text-button", type: "button", title, onclick: onClick }, label);
}
