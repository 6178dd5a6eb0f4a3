// Bundles the tests for Node and runs them with its own test runner.

import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const web = fileURLToPath(new URL("..", import.meta.url));
const tests = (await readdir(join(web, "test"))).filter((name) => name.endsWith(".test.ts"));
const out = await mkdtemp(join(web, "node_modules", ".tests-"));
try {
  await build({
    absWorkingDir: web,
    entryPoints: tests.map((name) => join("test", name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  const bundles = (await readdir(out)).map((name) => join(out, name));
  process.exitCode = spawnSync(process.execPath, ["--test", ...bundles], { stdio: "inherit" }).status ?? 1;
} finally {
  await rm(out, { recursive: true });
}
