// Stands before the page's own scripts: what goes wrong, and what is saved.
window.probe = { console: [], blobs: [] };
for (const level of ["error", "warn"]) {
  console[level] = (...parts) => probe.console.push(parts.map(String).join(" "));
}
addEventListener("error", (event) => probe.console.push(event.message));
addEventListener("unhandledrejection", (event) => probe.console.push(String(event.reason)));
document.addEventListener("securitypolicyviolation", (event) => probe.console.push(`blocked ${event.blockedURI}`));
const makeUrl = URL.createObjectURL;
URL.createObjectURL = (blob) => {
  probe.blobs.push(blob);
  return makeUrl.call(URL, blob);
};
HTMLAnchorElement.prototype.click = function () {
  if (!this.download) return;
  probe.blobs[probe.blobs.length - 1].fileName = this.download;
};
