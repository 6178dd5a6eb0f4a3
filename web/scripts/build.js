// Bundles the report's script and styles into crates/report/assets, where the
// Rust crate includes them. With --check, compares instead of writing.

import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { notices } from "./notices.js";

const web = fileURLToPath(new URL("..", import.meta.url));
const assets = fileURLToPath(new URL("../../crates/report/assets/", import.meta.url));

const result = await build({
  absWorkingDir: web,
  entryPoints: { report: "src/report.ts", style: "src/report.css" },
  outdir: "dist",
  write: false,
  bundle: true,
  minify: true,
  metafile: true,
  format: "iife",
  target: ["es2021", "chrome100", "firefox100", "safari15.4"],
  // Licences are gathered by notices.js.
  legalComments: "none",
  charset: "utf8",
});

const { full, banner } = await notices(web, Object.keys(result.metafile.inputs));
const text = (ending) => result.outputFiles.find((file) => file.path.endsWith(ending)).text;
const script = banner + text("report.js");
if (/<\/script|<!--/i.test(script))
  throw new Error("the script holds text that would end its element in the page");
const files = { "report.js": script, "report.css": text("style.css"), "THIRD-PARTY.txt": full };

await mkdir(assets, { recursive: true });
let stale = false;
for (const [name, content] of Object.entries(files)) {
  if (!process.argv.includes("--check")) {
    await writeFile(assets + name, content);
    console.log(`${name.padEnd(16)} ${Buffer.byteLength(content).toLocaleString("en")} bytes`);
  } else if ((await readFile(assets + name, "utf8").catch(() => "")) !== content) {
    console.error(`crates/report/assets/${name} is not what its source builds: run "npm run build" in web/`);
    stale = true;
  }
}
process.exitCode = stale ? 1 : 0;
