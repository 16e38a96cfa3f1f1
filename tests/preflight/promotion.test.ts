import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { type PromotionArgs, promote } from "../../preflight/promotion.ts";
import { UserError } from "../../settings/user-error.ts";

const digest = `sha256:${"d".repeat(64)}`;
const other = `sha256:${"e".repeat(64)}`;
const commit = "c".repeat(40);
const release = { digest, commit };
const args: PromotionArgs = { repository: "registry.example.com/team/shop", name: "v1.2", promoteFrom: "test" };

/** As the engine hands on what a plugin, or itself, has to say. */
const refusal = (details: string) => Object.assign(new Error(details), { details });

interface World {
  verified?: unknown;
  /** What the registry says of a tag. */
  registry?: () => string;
  stacks?: string[];
}

/** Promotes to staging with the mocks; the registries and images that were asked for, and what came of it. */
async function promoted(changes: Partial<PromotionArgs>, { verified, registry = () => digest, stacks }: World = {}) {
  const registries: string[] = [];
  const images: string[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ token, inputs }) => {
        if (token === "pulumi:pulumi:readStackOutputs") {
          if (stacks && !stacks.includes(inputs.name)) throw refusal(`unknown stack "${inputs.name}"`);
          return {};
        }
        assert.equal(token, "docker:index/getRegistryImage:getRegistryImage");
        images.push(inputs.name);
        return { sha256Digest: registry() };
      },
      newResource: ({ type, name, inputs }) => {
        if (type === "pulumi:providers:docker") registries.push(inputs.registryAuth);
        const outputs = { outputs: { verified }, secretOutputNames: [] };
        return {
          id: `${name}-id`,
          state: type === "pulumi:pulumi:StackReference" ? { ...inputs, ...outputs } : inputs,
        };
      },
    },
    "slipway",
    "staging",
    true,
    "organization",
  );
  return { result: await promote({ ...args, ...changes }), registries, images };
}

const refuses = (promotion: Promise<unknown>, ...parts: string[]) =>
  assert.rejects(promotion, (error: Error) => {
    for (const part of parts) assert.ok(error.message.includes(part), `${part} is not in:\n${error.message}`);
    return error instanceof UserError;
  });

describe("Promotion", () => {
  it("takes what the other stack has verified, where the tag is still the same image", async () => {
    const { result, images } = await promoted(
      {},
      { verified: { "v1.2": release, "v1.3": { ...release, digest: other } } },
    );
    assert.deepEqual(result, release);
    assert.deepEqual(images, ["registry.example.com/team/shop:v1.2"]);
  });

  it("takes a release whose source the other stack knows, which builds", async () => {
    const verified = { "v1.2": { ...release, key: "a".repeat(32) } };
    assert.deepEqual((await promoted({}, { verified })).result, release);
  });

  it("knows its migrations where the other stack does", async () => {
    const migrations = "a".repeat(32);
    const { result } = await promoted({}, { verified: { "v1.2": { ...release, migrations } } });
    assert.deepEqual(result, { ...release, migrations });
  });

  it("refuses what was never verified, and says what was, the newest first", () =>
    refuses(
      promoted({}, { verified: { "v1.10": release, "v1.9": release } }),
      "v1.2, which was never verified in test; nothing was changed",
      "v1.10, v1.9",
      "pulumi up --stack test",
      "pulumi config set --stack staging --path slipway:release.name v1.10",
    ));

  it("refuses everything where nothing was verified yet, and offers no name then", () =>
    assert.rejects(promoted({}), (error: Error) => {
      assert.match(error.message, /Verified there: +nothing yet\n/);
      assert.doesNotMatch(error.message, /release\.name v/);
      return error instanceof UserError;
    }));

  it("refuses a tag that has moved, with both digests and the way back", () =>
    refuses(
      promoted({}, { verified: { "v1.2": release }, registry: () => other }),
      "registry.example.com/team/shop:v1.2 is no longer the image that test verified; nothing was changed",
      `verified: ${digest}`,
      `now:      ${other}`,
      `--tag registry.example.com/team/shop:v1.2 registry.example.com/team/shop@${digest}`,
    ));

  const silent: [what: string, message: string][] = [
    ["a registry that does not have the tag", "manifest unknown"],
    ["a registry that is out of reach", "connect ECONNREFUSED 192.0.2.1:443"],
  ];
  for (const [what, message] of silent) {
    const registry = () => {
      throw refusal(`${message}\n  goroutine 1`);
    };
    it(`refuses ${what}, with its word, what was verified and the way back`, () =>
      refuses(
        promoted({}, { verified: { "v1.2": release }, registry }),
        "the registry does not show registry.example.com/team/shop:v1.2; nothing was changed",
        message,
        "docker login registry.example.com",
        `test verified it as ${digest}`,
        `--tag registry.example.com/team/shop:v1.2 registry.example.com/team/shop@${digest}`,
      ));

    it(`refuses ${what} also where the glass is broken`, () =>
      refuses(promoted({ breakGlass: "the outage of 3 May" }, { registry }), message, "release it where it is built"));
  }

  it("refuses a stack that does not exist, and says how to see those that do", () =>
    refuses(
      promoted({ promoteFrom: "tset" }, { stacks: ["organization/slipway/test"] }),
      "slipway:release.promoteFrom is tset, which can't be read; nothing was changed",
      'unknown stack "organization/slipway/tset"',
      "pulumi stack ls",
      "pulumi config set --stack staging --path slipway:release.promoteFrom STACK",
    ));

  for (const promoteFrom of ["staging", "organization/slipway/staging"])
    it(`refuses to promote from itself, by the name ${promoteFrom}`, () =>
      refuses(
        promoted({ promoteFrom }),
        "this stack itself; nothing was changed",
        "--path slipway:release.promoteFrom STACK",
      ));

  it("is not itself where another project has a stack of the same name", async () => {
    const world = { verified: { "v1.2": release }, stacks: ["acme/shop/staging"] };
    assert.deepEqual((await promoted({ promoteFrom: "acme/shop/staging" }, world)).result, release);
  });

  it("reads another project's stack by its full name", async () => {
    const world = { verified: { "v1.2": release }, stacks: ["acme/shop/test"] };
    assert.deepEqual((await promoted({ promoteFrom: "acme/shop/test" }, world)).result, release);
  });

  it("breaks the glass for what was never verified, with a reason", async () => {
    const { result } = await promoted({ breakGlass: "the outage of 3 May" }, { registry: () => other });
    assert.deepEqual(result, { digest: other, commit: "unknown" });
  });

  it("does not break the glass for a tag that has moved", () =>
    refuses(
      promoted({ breakGlass: "the outage of 3 May" }, { verified: { "v1.2": release }, registry: () => other }),
      digest,
      other,
    ));

  const edited: [what: string, verified: unknown][] = [
    ["a digest that is none", { "v1.2": { digest: "latest", commit } }],
    ["a name that is none", { newest: release }],
    ["a missing commit", { "v1.2": { digest } }],
    ["something else beside", { "v1.2": { ...release, by: "hand" } }],
    ["a key that is none", { "v1.2": { ...release, key: "latest" } }],
    ["a commit that is none", { "v1.2": { ...release, commit: "main" } }],
    ["a list", [release]],
    ["a text", "v1.2"],
  ];
  for (const [what, verified] of edited) {
    it(`refuses a record that was edited by hand: ${what}`, () =>
      refuses(promoted({}, { verified }), "edited by hand", "pulumi stack output verified --stack test"));

    it(`refuses it also where the glass is broken: ${what}`, () =>
      refuses(promoted({ breakGlass: "the outage of 3 May" }, { verified }), "edited by hand"));
  }

  it("asks the image's own registry, a local one without TLS", async () => {
    const verified = { "v1.2": release };
    const asked = async (repository: string) =>
      JSON.stringify((await promoted({ repository }, { verified })).registries);
    assert.match(await asked("registry.example.com/team/shop"), /registry\.example\.com/);
    assert.match(await asked("localhost:5000/shop"), /http:\/\/localhost:5000/);
  });
});
