import assert from "node:assert/strict";
import { UserError } from "../../../settings/user-error.ts";

/** Sees that something is refused in words, and gives the words. */
export const refusal = async (work: Promise<unknown> | (() => unknown)): Promise<string> => {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message;
  }
  assert.fail("was not refused");
};
