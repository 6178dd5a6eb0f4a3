// The script of a report: reads the data in the page and draws them.

import type { Report } from "./common/model";
import { startTheme } from "./common/theme";
import { buildPage } from "./page/page";

const errors: string[] = [];
const root = document.documentElement;

/** Errors stand in the page itself, where the browser test finds them. */
function fail(message: string): void {
  errors.push(message);
  root.dataset.errors = JSON.stringify(errors);
}

addEventListener("error", (event) => fail(event.message));
addEventListener("unhandledrejection", (event) => fail(String(event.reason)));
document.addEventListener("securitypolicyviolation", (event) => fail(`blocked: ${event.blockedURI}`));

function finish(): void {
  root.dataset.errors = JSON.stringify(errors);
  root.dataset.ready = "true";
}

async function start(): Promise<void> {
  startTheme();
  try {
    await buildPage(JSON.parse(document.getElementById("thalweg-report")!.textContent!) as Report);
  } catch (error) {
    fail(error instanceof Error ? `${error.message}\n${error.stack}` : String(error));
    const message = document.createElement("p");
    message.className = "broken";
    message.textContent = `This report could not be drawn: ${error}. The numbers are in results.json beside it.`;
    document.body.append(message);
  }
  finish();
}

void start();
