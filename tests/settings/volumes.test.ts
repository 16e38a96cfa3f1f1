import assert from "node:assert/strict";
import { checkSettings } from "../../settings/load.ts";
import { formatProblems } from "../../settings/problems.ts";
import { claimName, claimsOf, isProtected, ownersOf, singleWriter, volumeName } from "../../settings/volumes.ts";
import { check, configured, encrypted, good } from "./sample-settings.ts";

const kept = { storage: "1Gi" };
const shared = { ...kept, access: "ReadWriteMany" };
/** Checks volumes of web, which has one pod unless others are set. */
const checked = (volumes: object, web: object = { replicas: 1 }) => check("web", { ...good.web, ...web, volumes });

describe("The settings of volumes", () => {
  it("accept claims, shared claims and scratch folders", () => {
    const volumes = {
      "/app/uploads": kept,
      "/srv/files-2": { ...kept, storageClass: "fast", name: "files" },
      "/run": {},
    };
    assert.deepEqual(checked({ ...volumes, "/dev/shm": { size: "1Gi" } }).problems, []);
    assert.deepEqual(checked({ "/app/uploads": shared }, { replicas: { min: 2, max: 5 } }).problems, []);
    assert.deepEqual(check().settings?.web.volumes, {});
  });

  const wrong: [volumes: object, setting: string, allowed: RegExp][] = [
    [{ "app/uploads": kept }, '["app/uploads"]', /^an absolute path/],
    [{ "/": kept }, '["/"]', /^an absolute path/],
    [{ "/app/": kept }, '["/app/"]', /^an absolute path/],
    [{ "/app/../etc": kept }, '["/app/../etc"]', /^an absolute path/],
    [{ "/a:b": kept }, '["/a:b"]', /^an absolute path/],
    [{ "/tmp": {} }, '["/tmp"]', /^nothing at \/tmp/],
    [{ "/tmp/cache": {} }, '["/tmp/cache"]', /^nothing at \/tmp/],
    [{ "/etc": {} }, '["/etc"]', /^nothing at \/etc\/slipway/],
    [{ "/etc/slipway/more": {} }, '["/etc/slipway/more"]', /^nothing at \/etc\/slipway/],
    [{ "/etc/slipway-database": {} }, '["/etc/slipway-database"]', /^nothing at \/etc\/slipway-database/],
    [{ "/proc/x": {} }, '["/proc/x"]', /^nothing at \/proc/],
    [{ "/dev": {} }, '["/dev"]', /^nothing at \/dev/],
    [{ "/app": {}, "/app/uploads": kept }, '["/app/uploads"]', /^nothing, if there is a volume at \/app/],
    [{ "/app/a-b": {}, "/app/a_b": {} }, '["/app/a_b"]', /^nothing, if there is a volume at \/app\/a-b/],
    [{ "/run": { access: "ReadWriteOnce" } }, '["/run"].access', /^nothing, if storage is not set/],
    [{ "/run": { storageClass: "fast" } }, '["/run"].storageClass', /^nothing, if storage is not set/],
    [{ "/run": { name: "run" } }, '["/run"].name', /^nothing, if storage is not set/],
    [{ "/data": { ...kept, size: "1Gi" } }, '["/data"].size', /^nothing, if storage is set/],
    [{ "/data": { storage: "lots" } }, '["/data"].storage', /quantity/],
    [{ "/data": { ...kept, access: "ReadOnlyMany" } }, '["/data"].access', /^ReadWriteOnce or ReadWriteMany/],
    [{ "/data": { ...kept, name: "Data" } }, '["/data"].name', /lower-case/],
    [{ "/data": { ...kept, protect: true } }, '["/data"].protect', /^nothing, if slipway:database is here/],
    [
      { "/a/data": kept, "/b/data": kept },
      '["/b/data"].name',
      /^another name, as web-data is the claim of web's \/a\/data/,
    ],
    [{ "/data": { colour: "red" } }, '["/data"].colour', /undefined/],
  ];
  for (const [volumes, setting, allowed] of wrong)
    it(`refuse ${JSON.stringify(volumes)}`, () => {
      const { problems } = checked(volumes);
      assert.deepEqual(
        problems.map((problem) => problem.setting),
        [`slipway:web.volumes${setting}`],
      );
      assert.match(String(problems[0]?.allowed), allowed);
    });

  it("refuse a number of pods or an autoscaler beside a volume with one writer, and say what to type", () => {
    for (const web of [{}, { replicas: 2 }, { replicas: { min: 1, max: 2 } }]) {
      const { problems } = checked({ "/run": {}, "/app/uploads": kept }, web);
      assert.match(
        formatProblems("dev", problems),
        /slipway:web\.replicas; allowed: 1, because the volume at \/app\/uploads has one writer .*\n {4}pulumi config set --stack dev --path 'slipway:web\.replicas' 1\n/,
      );
    }
  });

  it("refuse several pods of a process beside a volume with one writer, too", () => {
    const worker = { command: ["work"], volumes: { "/spool": kept } };
    const processes = JSON.stringify({ worker });
    const { problems } = checkSettings({ ...configured(), "slipway:processes": processes }, encrypted);
    assert.deepEqual(
      problems.map(({ setting }) => setting),
      ["slipway:processes.worker.replicas"],
    );
  });

  it("say what to type for a volume's setting", () => {
    const { problems } = checked({ "/data": { storage: "lots" } });
    assert.match(
      formatProblems("dev", problems),
      /pulumi config set --stack dev --path 'slipway:web\.volumes\["\/data"\]\.storage' 10Gi/,
    );
  });

  it("name claims after what mounts them and the path, so that a later update finds them", () => {
    assert.equal(claimName("web", "/app/uploads"), "web-uploads");
    assert.equal(claimName("cache", "/data", { name: "dump" }), "cache-dump");
    assert.equal(claimName("web", "/srv/My_Files.d"), "web-my-files-d");
    assert.equal(claimName("web", "/srv/__"), "web-files");
    assert.equal(volumeName("/app/My_Files"), "files-app-my-files");
  });

  it("find the volume with one writer, and the claims of everything that has volumes", () => {
    assert.equal(singleWriter({ "/run": {}, "/a": { storage: "1Gi", access: "ReadWriteMany" } }), undefined);
    assert.equal(singleWriter({ "/run": {}, "/b": kept }), "/b");
    const owners = ownersOf({
      web: { volumes: { "/app/uploads": kept, "/run": {} } },
      processes: { worker: { volumes: { "/spool": { ...kept, access: "ReadWriteMany" } } } },
      accessories: { cache: { volumes: { "/data": { storage: "2Gi", storageClass: "fast" } } } },
    });
    const claims = claimsOf(owners).map(({ setting, claim, access }) => [setting, claim, access]);
    assert.deepEqual(claims, [
      ['slipway:web.volumes["/app/uploads"]', "web-uploads", "ReadWriteOnce"],
      ['slipway:processes.worker.volumes["/spool"]', "worker-spool", "ReadWriteMany"],
      ['slipway:accessories.cache.volumes["/data"]', "cache-data", "ReadWriteOnce"],
    ]);
  });

  it("protect all volumes as the database's setting says, and without a database as any volume's does", () => {
    const owners = { web: { volumes: { "/a": { ...kept, protect: true }, "/b": kept } } };
    assert.equal(isProtected(undefined, owners), true);
    assert.equal(isProtected({ protect: false }, owners), false);
    assert.equal(isProtected(undefined, { web: { volumes: { "/a": kept } } }), false);
    const volumes = { "/data": { ...kept, protect: true } };
    const config = { ...configured("web", { ...good.web, replicas: 1, volumes }) };
    const { "slipway:database": _, "slipway:databasePassword": __, ...rest } = config;
    assert.deepEqual(checkSettings(rest, encrypted).problems, []);
  });
});
