import assert from "node:assert/strict";
import { checkSettings } from "../../settings/load.ts";
import { configured, encrypted } from "./sample-settings.ts";

const cache = { image: "valkey/valkey:8.1", port: 6379 };
const checked = (accessories: unknown, more: Record<string, unknown> = {}) => {
  const others = Object.entries(more).map(([key, value]) => [`slipway:${key}`, JSON.stringify(value)]);
  const config = { ...configured(), "slipway:accessories": JSON.stringify(accessories), ...Object.fromEntries(others) };
  return checkSettings(config, [...encrypted, "slipway:accessorySecrets"]);
};
const problemOf = (accessories: unknown, more?: Record<string, unknown>) =>
  checked(accessories, more).problems.map(({ setting, allowed }) => `${setting.replace("slipway:", "")}: ${allowed}`);

describe("The settings of accessories", () => {
  it("fill in the defaults", () => {
    const { settings, problems } = checked({ cache });
    assert.deepEqual(problems, []);
    assert.deepEqual(settings?.accessories, {
      cache: {
        ...cache,
        environment: {},
        volumes: {},
        probe: { startSeconds: 60 },
        user: 10001,
        resources: { cpu: "50m", cpuLimit: "1", memory: "128Mi" },
      },
    });
    assert.deepEqual(settings?.accessorySecrets, {});
  });

  const digest = `sha256:${"0a".repeat(32)}`;
  const images: [image: string, accepted: boolean][] = [
    ["redis:7", true],
    ["valkey/valkey:8.1-trixie", true],
    ["localhost:5000/team/mailpit:v1.27", true],
    ["minio/minio:RELEASE.2025-09-07T16-13-09Z", true],
    [`registry.example.com/team/cache@${digest}`, true],
    [`valkey/valkey:8.1@${digest}`, true],
    ["valkey/valkey", false],
    ["localhost:5000/valkey", false],
    ["valkey/valkey:latest", false],
    ["valkey/valkey:stable", false],
    ["valkey/valkey@sha256:0a", false],
    [`valkey/valkey:latest@${digest}`, false],
    ["Valkey:8", false],
    ["valkey :8", false],
  ];
  for (const [image, accepted] of images)
    it(`${accepted ? "accept" : "refuse"} the image ${image}`, () => {
      const problems = problemOf({ cache: { ...cache, image } });
      if (accepted) assert.deepEqual(problems, []);
      else assert.match(String(problems), /^accessories\.cache\.image: an image by digest, or by a tag with a version/);
    });

  for (const name of ["web", "web-2", "app", "database", "database-login", "cache-access", "Cache", "1st", "a_b", ""])
    it(`refuse the name ${JSON.stringify(name)}, which is the program's own or none of Kubernetes`, () => {
      assert.match(String(problemOf({ [name]: cache })), /: at most 40 lower-case letters/);
    });

  it("refuse a name that a process or a schedule has", () => {
    const processes = { cache: { command: ["run"] } };
    assert.deepEqual(problemOf({ cache }, { processes }), [
      "accessories.cache: nothing of that name, as slipway:processes has it already",
    ]);
  });

  it("refuse what its pod could not be", () => {
    const wrong: [object, RegExp][] = [
      [{ port: undefined }, /^accessories\.cache\.port: a whole number/],
      [{ port: 0 }, /^accessories\.cache\.port: a whole number from 1/],
      [{ user: 0 }, /^accessories\.cache\.user: a whole number from 1/],
      [{ probe: { path: "/", command: ["true"] } }, /^accessories\.cache\.probe\.command: nothing, if path is set/],
      [{ volumes: { "/tmp": {} } }, /^accessories\.cache\.volumes\["\/tmp"\]: nothing at \/tmp/],
      [{ replicas: 2 }, /^accessories\.cache\.replicas: undefined/],
    ];
    for (const [changes, problem] of wrong)
      assert.match(String(problemOf({ cache: { ...cache, ...changes } })), problem);
  });

  it("refuse secrets of an accessory that does not exist, and a variable that is set twice", () => {
    const accessorySecrets = { cache: { PASSWORD: "s3cret" } };
    assert.deepEqual(problemOf({ cache }, { accessorySecrets }), []);
    assert.deepEqual(problemOf({}, { accessorySecrets }), [
      "accessorySecrets.cache: nothing, if there is no slipway:accessories.cache",
    ]);
    const environment = { PASSWORD: "plain" };
    assert.deepEqual(problemOf({ cache: { ...cache, environment } }, { accessorySecrets }), [
      "accessories.cache.environment.PASSWORD: nothing, if slipway:accessorySecrets.cache has PASSWORD",
    ]);
  });

  it("refuse secrets in plain text", () => {
    const config = {
      ...configured(),
      "slipway:accessories": JSON.stringify({ cache }),
      "slipway:accessorySecrets": JSON.stringify({ cache: { PASSWORD: "s3cret" } }),
    };
    const { problems } = checkSettings(config, encrypted);
    assert.match(String(problems[0]?.allowed), /an encrypted value; this one is in the stack file for all to read/);
  });
});
