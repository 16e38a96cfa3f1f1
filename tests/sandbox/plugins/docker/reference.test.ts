import assert from "node:assert/strict";
import { parseReference } from "../../../../sandbox/plugins/docker/reference.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("parseReference", () => {
  const names: [string, string, string, string][] = [
    ["alpine", "docker.io", "library/alpine", "latest"],
    ["team/app:v1", "docker.io", "team/app", "v1"],
    ["localhost:5000/app", "localhost:5000", "app", "latest"],
    ["localhost:5000/team/app:v1.7", "localhost:5000", "team/app", "v1.7"],
    [`registry.example.com/app:v1@${digest}`, "registry.example.com", "app", digest],
  ];
  for (const [name, registry, repository, version] of names) {
    it(`takes ${name} apart`, () => assert.deepEqual(parseReference(name), { registry, repository, version }));
  }

  it("refuses what is no name of an image", () => {
    for (const name of ["", "UPPER", "localhost:5000/"]) assert.throws(() => parseReference(name), /is not the name/);
  });
});
