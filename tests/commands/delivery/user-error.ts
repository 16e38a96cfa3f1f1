import assert from "node:assert/strict";
import { UserError } from "../../../settings/user-error.ts";

/** Runs some work that has to fail with a UserError. @returns its message */
export async function userError(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message;
  }
  assert.fail("no UserError was thrown");
}
