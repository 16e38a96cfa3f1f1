import assert from "node:assert/strict";
import { parseReference } from "../../image/reference.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("parseReference", () => {
  const cases: [name: string, host: string, path: string, tag?: string, digest?: string][] = [
    ["postgres", "docker.io", "library/postgres"],
    ["somebody/app:v1", "docker.io", "somebody/app", "v1"],
    ["localhost/app", "localhost", "app"],
    ["localhost:5000/team/app:v1", "localhost:5000", "team/app", "v1"],
    [`registry.example.com/app:v1@${digest}`, "registry.example.com", "app", "v1", digest],
    [`registry.example.com:443/app@${digest}`, "registry.example.com:443", "app", undefined, digest],
  ];
  for (const [name, host, path, tag, digest] of cases)
    it(`splits ${name}`, () => assert.deepEqual(parseReference(name), { host, path, tag, digest }));
});
