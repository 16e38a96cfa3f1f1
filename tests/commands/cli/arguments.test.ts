import assert from "node:assert/strict";
import { readArguments, required, stackOption } from "../../../commands/cli/arguments.ts";
import { userError } from "../delivery/user-error.ts";

const usage = "npm run example -- -s STACK [NAME]";
const read = (...args: string[]) => readArguments(usage, { options: { stack: stackOption }, most: 1 }, args);

describe("The arguments of a command", () => {
  it("are options and positional arguments", () => {
    const { values, positionals } = read("-s", "prod", "name");
    assert.deepEqual([values.stack, positionals], ["prod", ["name"]]);
  });

  it("are refused with the usage if an option is unknown or a positional argument is too many", async () => {
    assert.match(await userError(() => read("--force")), /--force[\s\S]*\nnpm run example -- -s STACK/);
    assert.match(await userError(() => read("a", "b")), /^a b has more arguments than allowed: 1\nnpm run example/);
  });

  it("are refused with the allowed values if a required one is missing or wrong", async () => {
    const number = (value?: string) => required(usage, "PULL", value, "a number", /^[1-9]\d*$/);
    assert.equal(number("12"), "12");
    assert.match(await userError(() => number()), /^PULL is missing; allowed: a number\nnpm run example/);
    for (const wrong of ["", "0", "12; true"]) assert.match(await userError(() => number(wrong)), /^PULL is /);
  });
});
