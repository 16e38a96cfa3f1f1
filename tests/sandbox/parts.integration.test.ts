import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type BaseImage, imageRecipeHash } from "../../sandbox/base-images.ts";
import { findConfigured, findProgram, isStatic, missingPrograms } from "../../sandbox/debian-packages.ts";
import { mountsBelow } from "../../sandbox/mounts.ts";
import { syftPart } from "../../sandbox/parts.ts";
import { paths, searchPath } from "../../sandbox/paths.ts";
import { packageVersion } from "../../sandbox/plugins/version.ts";
import { disableDebugLog, isAtLeast, usableCli } from "../../sandbox/pulumi-parts.ts";
import { syftParts } from "../../sandbox/syft.ts";

describe("Where parts come from", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-parts-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function make(path: string, text = ""): string {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  }

  it("takes a program from the first folder of the PATH that has it", () => {
    const first = make("a/etcd");
    make("b/etcd");
    assert.equal(findProgram("etcd", [join(folder, "a"), join(folder, "b")].join(delimiter)), first);
    assert.equal(findProgram("runc", join(folder, "a")), undefined);
  });

  it("names the same one of several in a configuration, whatever a PATH has first", () => {
    const [system, own] = [make("system/runc"), make("own/runc")];
    const find = (...path: string[]) => findConfigured("runc", [join(system, "..")], path.join(delimiter));
    assert.equal(find(join(own, ".."), join(system, "..")), system);
    rmSync(system);
    assert.equal(find(join(own, "..")), own);
  });

  it("compiles syft only where the machine has none of its own", () => {
    const own = make("a/syft");
    assert.deepEqual(syftParts(join(own, "..")), []);
    assert.deepEqual(syftParts([paths.bin, join(folder, "b")].join(delimiter)), [syftPart]);
  });

  it("takes the machine's own pulumi where it has its language host and is no older than the SDK", async () => {
    const own = make("a/pulumi");
    const prints = (version: string) => writeFileSync(own, `#!/bin/sh\necho v${version}\n`);
    chmodSync(own, 0o755);
    const found = () => usableCli([paths.bin, join(folder, "a")].join(delimiter));
    prints(packageVersion("pulumi"));
    assert.equal(await found(), undefined, "without a language host");
    make("a/pulumi-language-nodejs");
    assert.equal(await found(), own);
    prints("3.100.0");
    assert.equal(await found(), undefined, "older");
  });

  it("asks Debian only for what no folder has", () => {
    make("a/etcd");
    const wanted = [
      { program: "etcd", package: "etcd-server", unpack: true },
      { program: "runc", package: "runc" },
    ];
    assert.deepEqual(missingPrograms(join(folder, "a"), wanted), [{ program: "runc", package: "runc" }]);
  });

  it("takes no BusyBox that needs libraries: an image has none", () => {
    const file = make("a/busybox");
    /** A program with segments of these types. */
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
    const isMissing = () => missingPrograms(join(folder, "a")).some((each) => each.package === "busybox-static");
    writeFileSync(file, program(6, 3, 1));
    assert.equal(isMissing(), true);
    writeFileSync(file, program(1, 1, 7));
    assert.equal(isMissing(), false);
    assert.equal(isStatic(make("script", "#!/bin/sh\n")), false);
  });

  it("puts the sandbox's own programs in front of the machine's, once", () => {
    const path = searchPath(`/usr/bin${delimiter}/opt/x`).split(delimiter);
    assert.ok(path.findIndex((each) => each.endsWith("node_modules/.bin")) < path.indexOf("/usr/bin"));
    assert.equal(searchPath(path.join(delimiter)), path.join(delimiter));
  });

  it("takes away the CLI's debug log, and the room for another", () => {
    const kept = make("home/logs/pulumi-1.log", "a secret");
    for (const _ of ["first", "again"]) disableDebugLog(join(folder, "home"));
    assert.equal(existsSync(kept), false);
    assert.throws(() => mkdirSync(join(folder, "home", "logs"), { recursive: true }), /EEXIST/);
    disableDebugLog(join(folder, "new"));
    assert.ok(existsSync(join(folder, "new", "logs")));
  });

  for (const [version, minimum, expected] of [
    ["v3.259.0", "v3.259.0", true],
    ["v3.300.0", "v3.259.0", true],
    ["v4.0.0", "v3.259.0", true],
    ["v3.258.9", "v3.259.0", false],
    ["v2.999.0", "v3.259.0", false],
    ["3.260.0-alpha.1", "v3.259.0", true],
    ["", "v3.259.0", false],
    ["unknown", "v3.259.0", false],
  ] as const) {
    it(`finds ${version || "no version"} ${expected ? "good enough" : "too old"} where ${minimum} is wanted`, () => {
      assert.equal(isAtLeast(version, minimum), expected);
    });
  }

  it("makes a base image anew when its Dockerfile, an ingredient or the image below it changes, and not otherwise", () => {
    const ingredient = make("authorities", "a");
    make("lower/Dockerfile", "FROM scratch");
    make("upper/Dockerfile", "FROM lower");
    const lower: BaseImage = { repository: "l", tag: "1", folder: "lower", ingredients: [ingredient] };
    const upper: BaseImage = { repository: "u", tag: "1", folder: "upper", from: "lower" };
    const recipe = () => imageRecipeHash(upper, [lower, upper], folder);
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

  it("below a folder are found, the innermost first", () => {
    assert.deepEqual(mountsBelow("/srv/s/build", table), ["/srv/s/build/debian/proc", "/srv/s/build/debian"]);
  });

  it("are found under names with spaces", () => {
    assert.deepEqual(mountsBelow("/srv/s", table.split("\n")[2] ?? ""), ["/srv/s/build two"]);
  });
});
