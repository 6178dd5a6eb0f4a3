// The licences of the libraries that ended up in the bundle.

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** From the bundle's inputs: a full text to keep beside it, and a comment to keep inside it. */
export async function notices(web, inputs) {
  const names = new Set(
    inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean),
  );
  const byText = new Map();
  for (const name of [...names].sort()) {
    const folder = join(web, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const text = await licenceText(folder, license, name);
    byText.set(text, [...(byText.get(text) ?? []), { title: `${name} ${version}`, license }]);
  }
  const groups = [...byText].map(([text, packages]) => {
    const titles = packages.map(({ title, license }) => `${title} (${license})`).join("\n");
    return `${titles}\n\n${text}`;
  });
  const full = `Libraries inside report.js, and their licences.\n\n${groups.join(`\n\n${"-".repeat(72)}\n\n`)}\n`;
  return { full, banner: `/*! Thalweg's report (MIT OR Apache-2.0).\n\n${full.replaceAll("*/", "* /")}*/\n` };
}

async function licenceText(folder, license, name) {
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (file) return (await readFile(join(folder, file), "utf8")).trim();
  if (license === "Unlicense")
    return "Released into the public domain by its authors; see https://unlicense.org.";
  throw new Error(`${name} has no licence file`);
}
