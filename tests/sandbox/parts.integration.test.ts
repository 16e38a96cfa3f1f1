import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type BaseImage, imageRecipeHash } from "../../sandbox/base-images.ts";
import { findConfigured, isStatic, missingPrograms } from "../../sandbox/debian-packages.ts";
import { mountsBelow } from "../../sandbox/mounts.ts";
import { syftPart } from "../../sandbox/parts.ts";
import { paths, searchPath } from "../../sandbox/paths.ts";
import { packageVersion } from "../../sandbox/plugins/version.ts";
import { disableDebugLog, isAtLeast, usableCli } from "../../sandbox/pulumi-parts.ts";
import { syftParts } from "../../sandbox/syft.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describe("The search for programs", () => {
  const folder = new TemporaryFolder();
  const make = (path: string, text?: string) => folder.write(path, text);

  it("finds the same program for a configuration, whatever the order of a PATH", () => {
    const [system, own] = [make("system/runc"), make("own/runc")];
    const find = (...path: string[]) => findConfigured("runc", [join(system, "..")], path.join(delimiter));
    assert.equal(find(join(own, ".."), join(system, "..")), system);
    rmSync(system);
    assert.equal(find(join(own, "..")), own);
  });

  it("compiles syft only if the machine has none of its own", () => {
    const own = make("a/syft");
    assert.deepEqual(syftParts(join(own, "..")), []);
    assert.deepEqual(syftParts([paths.bin, folder.path("b")].join(delimiter)), [syftPart]);
  });

  it("takes the machine's own pulumi if it has its language host and is not older than the SDK", async () => {
    const cli = () => usableCli([paths.bin, folder.path("a")].join(delimiter));
    const own = folder.script("a/pulumi", `echo v${packageVersion("pulumi")}`);
    assert.equal(await cli(), undefined, "without a language host");
    make("a/pulumi-language-nodejs");
    assert.equal(await cli(), own);
    folder.script("a/pulumi", "echo v3.100.0");
    assert.equal(await cli(), undefined, "older");
  });

  it("asks Debian only for programs that are in no folder", () => {
    make("a/etcd");
    const wanted = [
      { program: "etcd", package: "etcd-server", unpack: true },
      { program: "runc", package: "runc" },
    ];
    assert.deepEqual(missingPrograms(folder.path("a"), wanted), [{ program: "runc", package: "runc" }]);
  });

  it("rejects a BusyBox that needs libraries, because an image has none", () => {
    const file = make("a/busybox");
    /** ELF program with segments of these types. */
    const program = (...types: number[]) => {
      const header = Buffer.alloc(64);
      header.write("\x7fELF\x02", "latin1");
      header.writeBigUInt64LE(64n, 32);
      header.writeUInt16LE(56, 54);
      header.writeUInt16LE(types.length, 56);
      const segments = types.map((type) => {
        const segment = Buffer.alloc(56);
        segment.writeUInt32LE(type);
        return segment;
      });
      return Buffer.concat([header, ...segments]);
    };
    const isMissing = () => missingPrograms(folder.path("a")).some((each) => each.package === "busybox-static");
    writeFileSync(file, program(6, 3, 1));
    assert.equal(isMissing(), true);
    writeFileSync(file, program(1, 1, 7));
    assert.equal(isMissing(), false);
    assert.equal(isStatic(make("script", "#!/bin/sh\n")), false);
  });

  it("prefers the sandbox's programs to the machine's", () => {
    const path = searchPath(`/usr/bin${delimiter}/opt/x`).split(delimiter);
    assert.ok(path.findIndex((each) => each.endsWith("node_modules/.bin")) < path.indexOf("/usr/bin"));
    assert.equal(searchPath(path.join(delimiter)), path.join(delimiter));
  });

  it("deletes the CLI's debug log and prevents a new one", () => {
    const log = make("home/logs/pulumi-1.log", "a secret");
    for (const _ of ["first", "again"]) disableDebugLog(folder.path("home"));
    assert.equal(existsSync(log), false);
    assert.throws(() => mkdirSync(folder.path("home", "logs"), { recursive: true }), /EEXIST/);
    disableDebugLog(folder.path("new"));
    assert.ok(existsSync(folder.path("new", "logs")));
  });

  it("accepts the minimum version and later ones", () => {
    for (const version of ["v3.259.0", "v3.300.0", "v4.0.0", "3.260.0-alpha.1"])
      assert.ok(isAtLeast(version, "v3.259.0"), version);
    for (const version of ["v3.258.9", "v2.999.0", "", "unknown"]) assert.ok(!isAtLeast(version, "v3.259.0"), version);
  });
});

describe("A base image", () => {
  const folder = new TemporaryFolder();
  const make = (path: string, text: string) => folder.write(path, text);

  it("is built again only if its Dockerfile, an ingredient or the image below it changes", () => {
    const ingredient = make("authorities", "a");
    make("lower/Dockerfile", "FROM scratch");
    make("upper/Dockerfile", "FROM lower");
    const lower: BaseImage = { repository: "l", tag: "1", folder: "lower", ingredients: [ingredient] };
    const upper: BaseImage = { repository: "u", tag: "1", folder: "upper", from: "lower" };
    const recipe = () => imageRecipeHash(upper, [lower, upper], folder.path());
    const seen = [recipe()];
    assert.equal(recipe(), seen[0]);
    for (const file of ["authorities", "lower/Dockerfile", "upper/Dockerfile"]) {
      make(file, `changed ${file}`);
      assert.ok(!seen.includes(recipe()), file);
      seen.push(recipe());
    }
  });
});

describe("Mounts", () => {
  const table = [
    "proc /srv/s/build/debian/proc proc rw 0 0",
    "sysfs /srv/s/build/debian sysfs rw 0 0",
    "x /srv/s/build\\040two ext4 rw 0 0",
    "x /srv/s/buildings ext4 rw 0 0",
    "x / ext4 rw 0 0",
  ].join("\n");

  it("are those below a folder, innermost first", () => {
    assert.deepEqual(mountsBelow("/srv/s/build", table), ["/srv/s/build/debian/proc", "/srv/s/build/debian"]);
  });

  it("may have names with spaces", () => {
    assert.deepEqual(mountsBelow("/srv/s", table.split("\n")[2] ?? ""), ["/srv/s/build two"]);
  });
});
