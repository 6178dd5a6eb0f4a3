import assert from "node:assert/strict";
import test from "node:test";
import { cellNumber, format, formatUncertainty, formatWithError, read } from "../src/common/number";

test("numbers that are not finite come by name", () => {
  assert.deepEqual([1.5, "inf" as const, "-inf" as const].map(read), [1.5, Infinity, -Infinity]);
  assert.ok(Number.isNaN(read("NaN")) && Number.isNaN(read(null)));
  assert.equal(cellNumber("relu"), null);
  assert.equal(cellNumber(null), null);
  assert.equal(cellNumber("inf"), Infinity);
});

test("numbers are written for people", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [-0, "0"],
    [2410, "2410"],
    [1234567, "1,234,567"],
    [0.0123456, "0.01235"],
    [-3.14159, "−3.142"],
    [1.5e-7, "1.5×10⁻⁷"],
    [6.02214e23, "6.022×10²³"],
    [NaN, "NaN"],
    [-Infinity, "−∞"],
  ];
  for (const [value, expected] of cases) assert.equal(format(value), expected);
});

test("rounding up to the next power of ten keeps the digits", () => {
  assert.equal(format(9.9999, 4), "10");
  assert.equal(format(0.00099999, 3), "0.001");
});

test("a value shows as many decimals as its error deserves", () => {
  assert.deepEqual(formatWithError(269.0953, 0.7312), { value: "269.10", error: "0.73" });
  assert.deepEqual(formatWithError(12345.678, 123.4), { value: "12,346", error: "123" });
  assert.deepEqual(formatWithError(-0.5, 0.02), { value: "−0.500", error: "0.020" });
  assert.equal(formatWithError(1, NaN).error, "NaN");
  // Neither the value nor the error may be rounded away.
  assert.deepEqual(formatWithError(201.6028, 2e-9), { value: "201.603", error: "2×10⁻⁹" });
});

test("an uncertainty says of which kind it is", () => {
  assert.equal(formatUncertainty({ kind: "residual", value: 2.1e-9 }, 3), "± 2.1×10⁻⁹ (residual)");
  assert.equal(formatUncertainty({ kind: "standard_error", value: 0.7312 }, 269.0953), "± 0.73 (std. error)");
  assert.equal(formatUncertainty({ kind: "interval", low: 1, high: 3, confidence: 0.95 }, 2), "1 … 3 (95 %)");
});
