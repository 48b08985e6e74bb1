/**
 * Runs a table of steps as a test: one subtest a step, in order, on both sides at once. May use: session.ts.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { az274 } from "../clients/installed.ts";
import { azSide, ownSide, runStep, type Side, type Step } from "./session.ts";

/** @param prepare what both clouds get before the first step, by whatever means. */
export function acceptSession(
  name: string,
  steps: readonly Step[],
  prepare: (side: Side) => Promise<void> = async () => {},
): void {
  describe(`${name}: the real az and ours, one session`, { skip: az274.skip }, () => {
    const sides: Side[] = [];
    before(async () => {
      sides.push(...(await Promise.all([azSide(az274), ownSide()])));
      await Promise.all(sides.map(prepare));
    });
    after(() => Promise.all(sides.map(({ cloud }) => cloud.stop())));
    for (const step of steps) {
      it(step.words, async () => {
        const [theirs, ours] = await Promise.all(sides.map((side) => runStep(side, step)));
        assert.equal(theirs!.code, step.code ?? 0, `az: ${theirs!.said}`);
        assert.deepEqual(ours!.answer, theirs!.answer, `ours: ${ours!.said}`);
        assert.equal(ours!.code, theirs!.code, `ours: ${ours!.said}`);
        if (step.ownWords === undefined) assert.equal(ours!.said, theirs!.said);
      });
    }
  });
}
