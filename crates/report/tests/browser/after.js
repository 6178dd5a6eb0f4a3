// Stands after the page's own scripts: uses the page as a reader would, and
// leaves what it saw, as JSON, in <pre id="probe">.
(async () => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  // The browser's clock runs ahead of its work here, so waiting means working.
  const until = async (what, holds) => {
    for (let i = 0; i < 3000 && !holds(); i++) {
      await new Promise((done) => setTimeout(done, 1));
      for (let k = 0, x = 1; k < 200000; k++) x = Math.sin(x);
    }
    if (!holds()) throw new Error(`waited in vain: ${what}`);
  };
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const point = (element, type, fx, fy) => {
    const box = element.getBoundingClientRect();
    const place = { clientX: box.left + fx * box.width, clientY: box.top + fy * box.height };
    element.dispatchEvent(new PointerEvent(type, { ...place, bubbles: true, pointerType: "mouse", pointerId: 1 }));
  };
  const tip = () => (one(".tip")?.style.display === "block" ? one(".tip").textContent : "");
  const button = (figure, text) => all("button", figure).find((b) => b.textContent === text);
  const colours = (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    return seen.size;
  };
  const seen = { steps: {} };
  try {
    await until("ready", () => document.documentElement.dataset.ready === "true");
    seen.title = document.title;
    seen.errors = JSON.parse(document.documentElement.dataset.errors);
    seen.figures = all("figure").map((figure) => ({
      id: figure.id,
      kind: figure.dataset.kind,
      points: Number(figure.dataset.points),
      marks: all("svg.chart path, svg.chart circle, svg.chart rect.bar, td, dd.value", figure).length,
      webgl: one("[data-webgl]", figure)?.dataset.webgl ?? null,
      colours: all("canvas", figure).map(colours),
      caption: one("figcaption", figure)?.textContent ?? "",
      notes: one(".notes", figure)?.textContent ?? "",
      nan: all("path, circle, line, rect, text", figure).filter((e) => [...e.attributes].some((a) => /NaN|Infinity/.test(a.value))).length,
      overflow: figure.scrollWidth > figure.clientWidth + 1,
    }));
    seen.contents = all(".contents a").map((a) => a.getAttribute("href"));
    seen.wide = document.documentElement.scrollWidth > innerWidth;

    const { steps } = seen;
    const curves = one("#loss-curves");
    const count = () => all(".curve", one("svg", curves)).length;
    steps.gaps = all(".gap", curves).length;
    const before = count();
    one(".legend .entry[role]", curves).dispatchEvent(new MouseEvent("click"));
    steps.hidden = before - count();
    const path = () => one("path.curve", curves).getAttribute("d");
    const [logarithmic] = [path()];
    button(curves, "linear").click();
    steps.rescaled = path() !== logarithmic;
    one(".hit-area", curves).dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    steps.keyTip = tip();
    point(one("#spectrum .hit-area"), "pointermove", 0.05, 0.5);
    steps.densityTip = tip();

    const table = one("#blocks");
    all("th button", table)[1].click();
    steps.sorted = all("tbody td:first-child", table).map((cell) => cell.textContent);

    const surface = one("#valley");
    point(one(".contour .hit-area", surface), "pointermove", 0.5, 0.5);
    steps.contourTip = tip();
    const canvas = one("canvas", surface);
    if (canvas) {
      const picture = () => canvas.toDataURL();
      await frame();
      const first = picture();
      canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft" }));
      await until("turned", () => picture() !== first);
      point(one("#holes canvas"), "pointermove", 0.5, 0.45);
      steps.surfaceTip = tip();
      for (const scale of ["linear", "rank"]) {
        const old = picture();
        button(surface, scale).click();
        steps[scale] = picture() !== old;
      }
    }
    for (const figure of all("figure")) {
      for (const save of all(".saves button", figure)) {
        const made = probe.blobs.length;
        save.click();
        await until(`${figure.id} ${save.textContent}`, () => probe.blobs.length > made && probe.blobs[made].fileName);
      }
    }
    seen.saved = [];
    for (const blob of probe.blobs) {
      const text = blob.type === "image/png" ? "" : await blob.text();
      const svg = blob.type === "image/svg+xml" ? new DOMParser().parseFromString(text, blob.type) : null;
      seen.saved.push({
        name: blob.fileName,
        size: blob.size,
        broken: Boolean(svg && one("parsererror", svg)),
        loads: /(href|src)="(?!#)/.test(text),
        head: text.split("\n")[0].slice(0, 60),
      });
    }
    const was = document.documentElement.dataset.theme;
    const paper = () => getComputedStyle(document.documentElement).backgroundColor;
    const colour = paper();
    one(".icon-button").click();
    steps.theme = [was, document.documentElement.dataset.theme];
    steps.repainted = paper() !== colour;
    seen.requests = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => !/^(data|blob):/.test(name));
  } catch (error) {
    seen.failed = `${error}\n${error.stack}`;
  }
  seen.console = probe.console;
  const output = document.createElement("pre");
  output.id = "probe";
  output.textContent = JSON.stringify(seen);
  document.body.append(output);
})();
