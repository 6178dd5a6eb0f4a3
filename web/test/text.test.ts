import assert from "node:assert/strict";
import test from "node:test";
import { parse, plain } from "../src/common/text";

const styles = (text: string) => parse(text).map((run) => `${run.style}:${run.text}`);

test("the five marks", () => {
  assert.deepEqual(styles("`fc0.weight` is *large*"), ["code:fc0.weight", "plain: is ", "em:large"]);
  assert.deepEqual(styles("λ_max ≤ 10^{-3}"), ["plain:λ", "sub:max", "plain: ≤ 10", "sup:−3"]);
  assert.deepEqual(styles("W_{ij}"), ["plain:W", "sub:ij"]);
});

test("ordinary text stays as it is", () => {
  for (const text of ["grad_norm", "a * b * c", "5_000", "<b>&amp;</b>", "", "x* − x", "fc0_weight"]) {
    assert.equal(plain(text), text);
    assert.ok(parse(text).every((run) => run.style === "plain"));
  }
});

test("a backslash takes a mark's meaning away", () => {
  assert.deepEqual(styles("x\\_1 and \\*no\\*"), ["plain:x_1 and *no*"]);
});
