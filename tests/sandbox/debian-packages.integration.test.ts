import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "../../sandbox/places.ts";

describe("Debian's packages", () => {
  const checkout = realpathSync(mkdtempSync(join(tmpdir(), "slipway-debian-")));
  const path = process.env.PATH;
  const programs = join(checkout, "programs");
  const updated = join(checkout, "updated");
  const called = join(checkout, "called");

  const program = (name: string, script: string) =>
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  /** Unpacks one package; what apt-get was asked for. It fetches something only while this succeeds. */
  async function unpack(fetches: string): Promise<string[]> {
    program("apt-cache", 'printf "docker-registry:\\n  Installed: (none)\\n  Candidate: 2.8\\n"');
    program("dpkg", "exit 0");
    const get = `${fetches} || { echo "E: 404  Not Found"; exit 100; }; : >registry.deb`;
    program("apt-get", `echo "$*" >>${called}\ncase "$*" in *update) : >${updated};; *) ${get};; esac`);
    const { ensureDebianPrograms } = await import(pathToFileURL(join(checkout, "sandbox/debian-packages.ts")).href);
    await ensureDebianPrograms("docker-registry");
    return readFileSync(called, "utf8").trim().split("\n");
  }

  before(() => {
    mkdirSync(programs);
    cpSync(join(repository, "sandbox"), join(checkout, "sandbox"), { recursive: true });
    process.env.PATH = programs;
  });
  beforeEach(() => {
    for (const file of [called, updated]) rmSync(file, { force: true });
  });
  after(() => {
    process.env.PATH = path;
    rmSync(checkout, { recursive: true });
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
