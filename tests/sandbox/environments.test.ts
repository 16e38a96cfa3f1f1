import assert from "node:assert/strict";
import { chainTo, inSandbox, nameFor, wantedEnvironment } from "../../sandbox/environments.ts";
import { checkSettings } from "../../settings/load.ts";
import { stackFiles } from "../../settings/stack-files.ts";

const files = stackFiles();
const digest = `sha256:${"d".repeat(64)}`;
const release = { digest, commit: "unknown" };

/** Paths of differences between two settings. */
function differences(a: unknown, b: unknown, path = ""): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const isMapping = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
  if (!isMapping(a) || !isMapping(b)) return [path];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differences(a[key], b[key], path ? `${path}.${key}` : key)).sort();
}

describe("An environment in the sandbox", () => {
  for (const file of files.filter(({ stack }) => stack !== "dev")) {
    it(`differs from the committed settings only in what it has to: ${file.stack}`, () => {
      // There is no AWS account.
      const amazon = ["aws:region", "slipway:ecr", "slipway:owner"].filter((key) => key in file.config);
      const allowed = [
        ...amazon,
        "slipway:cluster.context",
        ...("eks" in file.config["slipway:cluster"] ? ["slipway:cluster.eks"] : []),
        "slipway:database.resources",
        "slipway:namespace",
        "slipway:release.name",
        "slipway:release.repository",
        "slipway:web.resources",
        "slipway:web.tls",
      ];
      assert.deepEqual(differences(file.config, inSandbox(file, 0, "v9.9")), allowed.sort());
    });

    it(`has settings that the program accepts: ${file.stack}`, () => {
      const config = { ...inSandbox(file, 0, "v9.9"), "slipway:databasePassword": "correct-horse" };
      const texts = Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]);
      assert.deepEqual(checkSettings(Object.fromEntries(texts), ["slipway:databasePassword"]).problems, []);
    });
  }

  it("keeps a database elsewhere as it is", () => {
    const database = { external: { host: "db.example.com" } };
    for (const file of files)
      assert.deepEqual(
        inSandbox({ ...file, config: { ...file.config, "slipway:database": database } }, 0, "v9.9")["slipway:database"],
        database,
      );
  });

  it("is served under its host with a certificate of the sandbox's issuer, or without a host at a node port", () => {
    for (const [index, file] of files.filter(({ stack }) => stack !== "dev").entries()) {
      const served = (host?: string) => {
        const web = { ...file.config["slipway:web"], host, ingressClass: "nginx" };
        const config = inSandbox({ ...file, config: { ...file.config, "slipway:web": web } }, index, "v9.9");
        const { tls, nodePort, ingressClass } = config["slipway:web"] as Record<string, unknown>;
        return [tls, nodePort, ingressClass];
      };
      assert.deepEqual(served("shop.example.com"), [{ issuer: "sandbox" }, undefined, undefined]);
      assert.deepEqual(served(), [undefined, 30081 + index, undefined]);
    }
  });

  it("requests more CPU if an autoscaler would count an idle pod as busy", () => {
    const cpu = (replicas: unknown) => {
      const [file] = files.filter(({ stack }) => stack === "prod");
      if (!file) throw new Error("there is no Pulumi.prod.yaml");
      const web = { ...file.config["slipway:web"], replicas };
      const config = inSandbox({ ...file, config: { ...file.config, "slipway:web": web } }, 0, "v9.9");
      return (config["slipway:web"] as { resources: { cpu: string } }).resources.cpu;
    };
    assert.deepEqual([cpu(2), cpu({ min: 3, max: 3 }), cpu({ min: 3, max: 10 })], ["10m", "10m", "50m"]);
  });

  it("requests as little CPU for processes beside web", () => {
    const [file] = files.filter(({ stack }) => stack === "prod");
    if (!file) throw new Error("there is no Pulumi.prod.yaml");
    const processes = {
      worker: { command: ["work"], resources: { cpu: "2", memory: "1Gi" } },
      scaled: { command: ["work"], replicas: { min: 1, max: 3 } },
    };
    const config = inSandbox({ ...file, config: { ...file.config, "slipway:processes": processes } }, 0, "v9.9");
    assert.deepEqual(config["slipway:processes"], {
      worker: { command: ["work"], resources: { cpu: "10m", memory: "1Gi" } },
      scaled: { command: ["work"], replicas: { min: 1, max: 3 }, resources: { cpu: "50m" } },
    });
  });

  it("follows those that a release passes before it", () => {
    const chain = (to: string) => chainTo(to).map(({ stack }) => stack);
    assert.deepEqual(chain("prod"), ["test", "staging", "prod"]);
    assert.deepEqual(chain("test"), ["test"]);
    assert.deepEqual(chain("dev"), []);
    assert.throws(() => chainTo("production"), /no Pulumi.production.yaml.*dev, test, staging, prod/);
  });

  it("is chosen by --to", () => {
    assert.equal(wantedEnvironment(["node", "up.ts"]), undefined);
    assert.equal(wantedEnvironment(["node", "up.ts", "--to", "prod"]), "prod");
    assert.throws(() => wantedEnvironment(["node", "up.ts", "--to"]), /npm run up -- --to prod/);
  });

  it("runs the release that the image has already, or the next one", () => {
    const other = { ...release, digest: `sha256:${"e".repeat(64)}` };
    assert.equal(nameFor(digest, {}, "v1.1"), "v1.1");
    assert.equal(nameFor(digest, { "v1.9": release, "v1.10": other }, "v1.1"), "v1.9");
    assert.equal(nameFor(digest, { "v1.9": other, "v1.10": other }, "v1.1"), "v1.11");
  });
});
