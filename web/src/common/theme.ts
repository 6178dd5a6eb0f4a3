// Light and dark: the system's choice, until the reader makes another.

import { h, s } from "./dom";

type Theme = "light" | "dark";

const KEY = "thalweg-theme";
const listeners = new Set<() => void>();
let chosen: Theme | undefined;
const systemDark = matchMedia("(prefers-color-scheme: dark)");

/** Calls back whenever the page changes its colours. */
export function onTheme(listener: () => void): void {
  listeners.add(listener);
}

export function theme(): Theme {
  return chosen ?? (systemDark.matches ? "dark" : "light");
}

/** The value of a CSS custom property in the present theme. */
export function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Takes up the reader's last choice, and prints in light. */
export function startTheme(): void {
  choose(stored());
  systemDark.addEventListener("change", () => choose(chosen));
  let before: Theme | undefined;
  addEventListener("beforeprint", () => {
    before = chosen;
    choose("light");
  });
  addEventListener("afterprint", () => choose(before));
}

export function themeButton(): HTMLElement {
  const icon = s(
    "svg",
    { viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true" },
    s("circle", { cx: 10, cy: 10, r: 7.25, fill: "none", stroke: "currentColor", "stroke-width": 1.5 }),
    s("path", { d: "M10 2.75a7.25 7.25 0 0 1 0 14.5z", fill: "currentColor" }),
  );
  const flip = () => {
    const next = theme() === "dark" ? "light" : "dark";
    choose(next);
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // A page opened from a file may have no storage; the choice lasts until it closes.
    }
  };
  return h(
    "button",
    {
      class: "icon-button",
      type: "button",
      title: "Light or dark",
      "aria-label": "Switch between light and dark",
      onclick: flip,
    },
    icon,
  );
}

function stored(): Theme | undefined {
  try {
    const found = localStorage.getItem(KEY);
    return found === "light" || found === "dark" ? found : undefined;
  } catch {
    return undefined;
  }
}

function choose(next: Theme | undefined): void {
  chosen = next;
  document.documentElement.dataset.theme = theme();
  for (const listener of listeners) listener();
}
