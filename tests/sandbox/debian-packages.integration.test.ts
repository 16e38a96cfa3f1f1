import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { OtherCheckout } from "./other-checkout.ts";

describe("Debian's packages", () => {
  const checkout = new OtherCheckout();
  const path = process.env.PATH;
  const [updated, calls] = [checkout.path("updated"), checkout.path("calls")];
  const aptCalls = () => readFileSync(calls, "utf8").trim().split("\n");

  /** Unpacks one package with a simulated apt-get, which downloads only if this command succeeds. @returns its calls */
  async function unpack(available: string): Promise<string[]> {
    checkout.script("bin/apt-cache", 'printf "docker-registry:\\n  Installed: (none)\\n  Candidate: 2.8\\n"');
    checkout.script("bin/dpkg", "exit 0");
    const get = `${available} || { echo "E: 404  Not Found"; exit 100; }; : >registry.deb`;
    checkout.script("bin/apt-get", `echo "$*" >>${calls}\ncase "$*" in *update) : >${updated};; *) ${get};; esac`);
    const { ensureDebianPrograms } = await checkout.module("debian-packages.ts");
    await ensureDebianPrograms("docker-registry");
    return aptCalls();
  }

  before(() => {
    process.env.PATH = checkout.path("bin");
  });
  beforeEach(() => {
    for (const file of [calls, updated]) rmSync(file, { force: true });
  });
  after(() => {
    process.env.PATH = path;
  });

  const expected = (...commands: string[]) => commands.map((each) => `-o DPkg::Lock::Timeout=120 ${each}`);
  const download = "download docker-registry";

  it("are downloaded with the present package lists", async () => {
    assert.deepEqual(await unpack("true"), expected(download));
  });

  it("are downloaded with new package lists if the present ones name a version that no mirror has", async () => {
    assert.deepEqual(await unpack(`[ -e ${updated} ]`), expected(download, "update", download));
  });

  it("are retried only once", async () => {
    await assert.rejects(unpack("false"), /apt-download-docker-registry failed \(exit code 100\).*404 {2}Not Found/s);
    assert.equal(aptCalls().length, 3);
  });
});
