import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { type PromotionArgs, promote } from "../../preflight/promotion.ts";
import { UserError } from "../../settings/user-error.ts";

const digest = `sha256:${"d".repeat(64)}`;
const other = `sha256:${"e".repeat(64)}`;
const commit = "c".repeat(40);
const release = { digest, commit };
const args: PromotionArgs = { repository: "registry.example.com/team/shop", name: "v1.2", promoteFrom: "test" };

const breakGlass = "the outage of 3 May";

/** An error in the engine's format. */
const engineError = (details: string) => Object.assign(new Error(details), { details });

interface World {
  verified?: unknown;
  /** Returns the digest of a tag. */
  registry?: () => string;
  stacks?: string[];
}

/** Promotes to staging with mocks. @returns the release, and the registries and images that were asked for */
async function promoted(changes: Partial<PromotionArgs>, { verified, registry = () => digest, stacks }: World = {}) {
  const registries: string[] = [];
  const images: string[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ token, inputs }) => {
        if (token === "pulumi:pulumi:readStackOutputs") {
          if (stacks && !stacks.includes(inputs.name)) throw engineError(`unknown stack "${inputs.name}"`);
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

describe("promote", () => {
  it("returns the release that the other stack verified, if the tag still points to that image", async () => {
    const verified = { "v1.2": release, "v1.3": { ...release, digest: other } };
    const { result, images } = await promoted({}, { verified });
    assert.deepEqual(result, release);
    assert.deepEqual(images, ["registry.example.com/team/shop:v1.2"]);
  });

  it("returns the key of the migrations, but not that of the source", async () => {
    const migrations = "a".repeat(32);
    const { result } = await promoted({}, { verified: { "v1.2": { ...release, key: "b".repeat(32), migrations } } });
    assert.deepEqual(result, { ...release, migrations });
  });

  it("refuses a release that was never verified, and lists the verified ones, newest first", () =>
    refuses(
      promoted({}, { verified: { "v1.10": release, "v1.9": release } }),
      "v1.2, which was never verified in test; nothing was changed",
      "v1.10, v1.9",
      "pulumi up --stack test",
      "pulumi config set --stack staging --path slipway:release.name v1.10",
    ));

  it("suggests no name if nothing was verified yet", () =>
    assert.rejects(promoted({}), (error: Error) => {
      assert.match(error.message, /Verified there: +nothing yet\n/);
      assert.doesNotMatch(error.message, /release\.name v/);
      return error instanceof UserError;
    }));

  it("refuses a tag that has moved, with both digests and the command that moves it back", () =>
    refuses(
      promoted({}, { verified: { "v1.2": release }, registry: () => other }),
      "registry.example.com/team/shop:v1.2 is no longer the image that test verified; nothing was changed",
      `verified: ${digest}`,
      `now:      ${other}`,
      `--tag registry.example.com/team/shop:v1.2 registry.example.com/team/shop@${digest}`,
    ));

  for (const message of ["manifest unknown", "connect ECONNREFUSED 192.0.2.1:443"]) {
    const registry = () => {
      throw engineError(`${message}\n  goroutine 1`);
    };
    it(`shows the registry's error, the verified digest and the way back: ${message}`, () =>
      refuses(
        promoted({}, { verified: { "v1.2": release }, registry }),
        "the registry does not show registry.example.com/team/shop:v1.2; nothing was changed",
        message,
        "docker login registry.example.com",
        `test verified it as ${digest}`,
        `--tag registry.example.com/team/shop:v1.2 registry.example.com/team/shop@${digest}`,
      ));

    it(`shows the registry's error to who breaks the glass: ${message}`, () =>
      refuses(promoted({ breakGlass }, { registry }), message, "release it where it is built"));
  }

  it("refuses a stack that does not exist, with the command that lists those that do", () =>
    refuses(
      promoted({ promoteFrom: "tset" }, { stacks: ["organization/slipway/test"] }),
      "slipway:release.promoteFrom is tset, which can't be read; nothing was changed",
      'unknown stack "organization/slipway/tset"',
      "pulumi stack ls",
      "pulumi config set --stack staging --path slipway:release.promoteFrom STACK",
    ));

  for (const promoteFrom of ["staging", "organization/slipway/staging"])
    it(`refuses a promotion from the stack itself, named ${promoteFrom}`, () =>
      refuses(
        promoted({ promoteFrom }),
        "this stack itself; nothing was changed",
        "--path slipway:release.promoteFrom STACK",
      ));

  for (const promoteFrom of ["acme/shop/test", "acme/shop/staging"])
    it(`promotes from a stack of another project, ${promoteFrom}`, async () => {
      const world = { verified: { "v1.2": release }, stacks: [promoteFrom] };
      assert.deepEqual((await promoted({ promoteFrom }, world)).result, release);
    });

  it("returns a release that was never verified, if the glass is broken", async () => {
    const { result } = await promoted({ breakGlass }, { registry: () => other });
    assert.deepEqual(result, { digest: other, commit: "unknown" });
  });

  it("refuses a tag that has moved, even if the glass is broken", () =>
    refuses(promoted({ breakGlass }, { verified: { "v1.2": release }, registry: () => other }), digest, other));

  const edited: [title: string, verified: unknown][] = [
    ["a wrong digest", { "v1.2": { digest: "latest", commit } }],
    ["a wrong name", { newest: release }],
    ["a missing commit", { "v1.2": { digest } }],
    ["an unknown property", { "v1.2": { ...release, by: "hand" } }],
    ["a wrong key", { "v1.2": { ...release, key: "latest" } }],
    ["a wrong commit", { "v1.2": { ...release, commit: "main" } }],
    ["a list", [release]],
    ["text", "v1.2"],
  ];
  for (const [title, verified] of edited)
    it(`refuses an output that was edited by hand, even if the glass is broken: ${title}`, async () => {
      for (const changes of [{}, { breakGlass }])
        await refuses(promoted(changes, { verified }), "edited by hand", "pulumi stack output verified --stack test");
    });

  it("asks the image's own registry, without TLS if it is local", async () => {
    const verified = { "v1.2": release };
    const asked = async (repository: string) =>
      JSON.stringify((await promoted({ repository }, { verified })).registries);
    assert.match(await asked("registry.example.com/team/shop"), /registry\.example\.com/);
    assert.match(await asked("localhost:5000/shop"), /http:\/\/localhost:5000/);
  });
});
