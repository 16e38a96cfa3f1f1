import assert from "node:assert/strict";
import { type Deployed, releaseTable } from "../../../commands/releases/release-table.ts";

const digest = `sha256:${"d".repeat(64)}`;
const commit = "0123456789abcdef0123456789abcdef01234567";
const image = `registry.example.com/shop@${digest}`;
const release = { digest, commit };

describe("The table of releases", () => {
  it("shows releases by environments, the newest first, and whether their attestations are intact", () => {
    const environments: Deployed[] = [
      ["dev", { image: image.replaceAll("d", "a"), running: { commit: `${commit}-dirty` }, verified: {} }],
      ["test", { image, running: { name: "v1.10", commit }, verified: { "v1.9": release, "v1.10": release } }],
      ["staging", { image, running: { name: "v1.9", commit }, verified: { "v1.9": release } }],
      ["prod", undefined],
    ];
    const findings = new Map([
      ["v1.10", ["its tag has moved"]],
      ["v1.9", []],
    ]);
    assert.deepEqual(releaseTable(environments, findings).split("\n"), [
      "release              commit          attestations  dev      test      staging  prod",
      "sha256:aaaaaaaaaaaa  01234567-dirty                running",
      "v1.10                01234567        wrong                  running",
      "v1.9                 01234567        intact                 verified  running",
      "",
      "Not deployed yet: prod",
    ]);
  });

  it("shows an unnamed image under the name that its digest has elsewhere", () => {
    const unnamed: Deployed = ["dev", { image, running: { commit }, verified: {} }];
    const named: Deployed = ["test", { image, running: { name: "v1.1", commit }, verified: { "v1.1": release } }];
    const [, ...rows] = releaseTable([unnamed, named]).split("\n");
    assert.deepEqual(rows, ["v1.1     01234567                running  running"]);
  });

  it("marks a release that runs by a break-glass setting", () => {
    const running = { name: "v2.1", commit: "unknown", breakGlass: "the outage of 3 May" };
    assert.match(releaseTable([["prod", { image, running, verified: {} }]]), /v2\.1 {5}\s*running \(break glass\)/);
  });

  it("lists only the stacks that are not deployed yet, if none is", () => {
    assert.equal(releaseTable([["dev", undefined]]), "Not deployed yet: dev");
  });
});
