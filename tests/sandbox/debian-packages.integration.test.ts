import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OtherCheckout } from "./other-checkout.ts";

describe("Debian's packages", () => {
  const checkout = new OtherCheckout();
  const path = process.env.PATH;
  const programs = checkout.path("programs");
  const updated = checkout.path("updated");
  const called = checkout.path("called");

  const program = (name: string, script: string) =>
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  /** Unpacks one package; what apt-get was asked for. It fetches something only while this succeeds. */
  async function unpack(fetches: string): Promise<string[]> {
    program("apt-cache", 'printf "docker-registry:\\n  Installed: (none)\\n  Candidate: 2.8\\n"');
    program("dpkg", "exit 0");
    const get = `${fetches} || { echo "E: 404  Not Found"; exit 100; }; : >registry.deb`;
    program("apt-get", `echo "$*" >>${called}\ncase "$*" in *update) : >${updated};; *) ${get};; esac`);
    const { ensureDebianPrograms } = await checkout.module("debian-packages.ts");
    await ensureDebianPrograms("docker-registry");
    return readFileSync(called, "utf8").trim().split("\n");
  }

  before(() => {
    mkdirSync(programs);
    process.env.PATH = programs;
  });
  beforeEach(() => {
    for (const file of [called, updated]) rmSync(file, { force: true });
  });
  after(() => {
    process.env.PATH = path;
    checkout.remove();
  });

  const [options, download] = ["-o DPkg::Lock::Timeout=120", "download docker-registry"];

  it("are fetched with the lists that are there", async () => {
    assert.deepEqual(await unpack("true"), [`${options} ${download}`]);
  });

  it("are fetched with new lists where those name a version that no mirror has any more", async () => {
    const asked = await unpack(`[ -e ${updated} ]`);
    assert.deepEqual(
      asked,
      [download, "update", download].map((each) => `${options} ${each}`),
    );
  });

  it("are tried for once more, not for ever", async () => {
    await assert.rejects(unpack("false"), /apt-download-docker-registry failed \(exit code 100\).*404 {2}Not Found/s);
    assert.equal(readFileSync(called, "utf8").trim().split("\n").length, 3);
  });
});
