// The width of text, before it stands on the page.

import { plain } from "./text";

const context = document.createElement("canvas").getContext("2d")!;

export const FONT_FAMILY =
  'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif';

export function textWidth(text: string, size = 12): number {
  context.font = `${size}px ${FONT_FAMILY}`;
  return context.measureText(plain(text)).width;
}
