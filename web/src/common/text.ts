// The five marks of a report's text: `code`, *emphasis*, x_{sub}, x^{sup}, and \ before a mark.

import { h, s } from "./dom";

export interface Run {
  text: string;
  style: "plain" | "code" | "em" | "sub" | "sup";
}

const MARKS =
  /\\([`*_^\\])|`([^`]+)`|\*([^*\s](?:[^*]*[^*\s])?)\*|_\{([^}]+)\}|\^\{([^}]+)\}|(?<=(?:^|[^\p{L}\p{N}])\p{L})_([\p{L}\p{N}]+)/gu;

/** Cuts marked text into runs of one style each. */
export function parse(text: string): Run[] {
  const runs: Run[] = [];
  const push = (part: string, style: Run["style"]) => {
    const last = runs[runs.length - 1];
    if (last?.style === style && style === "plain") last.text += part;
    else if (part) runs.push({ text: part, style });
  };
  let end = 0;
  for (const match of text.matchAll(MARKS)) {
    push(text.slice(end, match.index), "plain");
    end = match.index! + match[0].length;
    const [, escaped, code, em, sub, sup, shortSub] = match;
    if (escaped) push(escaped, "plain");
    else if (code) push(code, "code");
    else if (em) push(em, "em");
    else if (sup) push(sup.replace(/^-/, "\u2212"), "sup");
    else push(sub ?? shortSub, "sub");
  }
  push(text.slice(end), "plain");
  return runs;
}

/** The text without its marks. */
export function plain(text: string): string {
  return parse(text)
    .map((run) => run.text)
    .join("");
}

/** As elements of HTML. */
export function rich(text: string): (Node | string)[] {
  return parse(text).map((run) => (run.style === "plain" ? run.text : h(run.style, {}, run.text)));
}

/** As paragraphs, which blank lines separate. */
export function paragraphs(text: string, className: string): HTMLElement[] {
  const parts = text.split(/\n\s*\n/).filter((part) => part.trim());
  return parts.map((part) => h("p", { class: className }, ...rich(part)));
}

/** As an SVG text element. */
export function svgText(text: string, attributes: Record<string, string | number>): SVGTextElement {
  const shift = { sub: 0.28, sup: -0.38 } as Record<string, number>;
  let raised = 0;
  const parts = parse(text).map((run) => {
    const raise = shift[run.style] ?? 0;
    const dy = raise - raised;
    raised = raise;
    const style: Record<string, string | number> = {};
    if (raise) style["font-size"] = "0.75em";
    if (run.style === "em") style["font-style"] = "italic";
    // dy counts in the run's own font size.
    if (dy) style.dy = `${(raise ? dy / 0.75 : dy).toFixed(3)}em`;
    return Object.keys(style).length ? s("tspan", style, run.text) : run.text;
  });
  return s("text", attributes, ...parts) as SVGTextElement;
}
