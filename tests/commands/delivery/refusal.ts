import assert from "node:assert/strict";
import { Refusal } from "../../../settings/stack-files.ts";

/** Sees that something is refused in words, and gives the words. */
export const refusal = async (work: Promise<unknown> | (() => unknown)): Promise<string> => {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error.message;
  }
  assert.fail("was not refused");
};
