import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { type PromotionArgs, promote } from "../../components/promotion.ts";

const digest = `sha256:${"d".repeat(64)}`;
const other = `sha256:${"e".repeat(64)}`;
const commit = "c".repeat(40);
const release = { digest, commit };
const args: PromotionArgs = { repository: "registry.example.com/team/shop", name: "v1.2", promoteFrom: "test" };

interface World {
  verified?: unknown;
  /** What the registry says of a tag. */
  registry?: () => string;
  stacks?: string[];
}

/** Promotes to staging with the mocks; the registries that were asked, and what came of it. */
async function promoted(changes: Partial<PromotionArgs>, { verified, registry = () => digest, stacks }: World = {}) {
  const registries: string[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ token, inputs }) => {
        if (token === "pulumi:pulumi:readStackOutputs") {
          if (stacks && !stacks.includes(inputs.name)) throw new Error(`unknown stack "${inputs.name}"`);
          return {};
        }
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
  return { result: await promote({ ...args, ...changes }), registries };
}

const refuses = (promotion: Promise<unknown>, ...parts: string[]) =>
  assert.rejects(promotion, (error: Error) => {
    for (const part of parts) assert.ok(error.message.includes(part), `${part} is not in:\n${error.message}`);
    return pulumi.RunError.isInstance(error);
  });

describe("Promotion", () => {
  it("takes what the other stack has verified, where the tag is still the same image", async () => {
    const { result } = await promoted({}, { verified: { "v1.2": release } });
    assert.deepEqual(result, release);
  });

  it("refuses what was never verified, and says what was, the newest first", () =>
    refuses(
      promoted({}, { verified: { "v1.10": release, "v1.9": release } }),
      "v1.2, which was never verified in test; nothing was changed",
      "v1.10, v1.9",
      "pulumi up --stack test",
      "pulumi config set --stack staging --path slipway:release.name v1.10",
    ));

  it("refuses everything where nothing was verified yet", () => refuses(promoted({}), "nothing yet"));

  it("refuses a tag that has moved, with both digests", () =>
    refuses(
      promoted({}, { verified: { "v1.2": release }, registry: () => other }),
      `verified: ${digest}`,
      `now:      ${other}`,
    ));

  it("refuses a tag that the registry does not have", () =>
    refuses(
      promoted(
        {},
        {
          verified: { "v1.2": release },
          registry: () => {
            throw new Error("manifest unknown");
          },
        },
      ),
      "registry.example.com/team/shop:v1.2",
      "nothing was changed",
    ));

  it("refuses a stack that does not exist, and says how to see those that do", () =>
    refuses(promoted({ promoteFrom: "tset" }, { stacks: ["organization/slipway/test"] }), "tset", "pulumi stack ls"));

  it("refuses to promote from itself", () => refuses(promoted({ promoteFrom: "staging" }), "this stack itself"));

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
    ["a list", [release]],
  ];
  for (const [what, verified] of edited) {
    it(`refuses a record that was edited by hand: ${what}`, () =>
      refuses(promoted({}, { verified }), "edited by hand", "pulumi stack output verified --stack test"));
  }

  it("asks the image's own registry, a local one without TLS", async () => {
    const verified = { "v1.2": release };
    const asked = async (repository: string) =>
      JSON.stringify((await promoted({ repository }, { verified })).registries);
    assert.match(await asked("registry.example.com/team/shop"), /registry\.example\.com/);
    assert.match(await asked("localhost:5000/shop"), /http:\/\/localhost:5000/);
  });
});
