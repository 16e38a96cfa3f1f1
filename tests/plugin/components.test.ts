import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { captureResources } from "../../commands/environments/capture-resources.ts";
import { construct } from "../../plugin/components.ts";
import { digest, only } from "../deploy.ts";

const repository = "registry.example.com/team/shop";
const required = {
  Release: { repository, build: { context: "app" } },
  Database: { namespace: "shop", image: "postgres:17", password: "correct-horse", storage: "5Gi" },
  WebApp: {
    namespace: "shop",
    image: `${repository}@${digest}`,
    port: 8000,
    probes: { live: "/live", ready: "/ready" },
  },
};
type Name = keyof typeof required;

const create = (name: Name, args: pulumi.Inputs = {}) =>
  construct(name.toLowerCase(), `slipway:index:${name}`, { ...required[name], ...args }, {});

/** Creates components as an engine asks for them in a preview. */
const deployed = <T>(program: () => Promise<T>) => captureResources(program, { preview: true });

const rejects = (name: Name, args: pulumi.Inputs, message: string | RegExp) =>
  assert.rejects(
    deployed(() => create(name, args)),
    { __pulumiRunError: true, message },
  );

const unknown = () =>
  new (pulumi.Output as unknown as new (...args: unknown[]) => pulumi.Output<string>)(
    new Set(),
    Promise.resolve(undefined),
    Promise.resolve(false),
    Promise.resolve(false),
    Promise.resolve(new Set()),
  );

describe("A component for a program in another language", () => {
  it("has the defaults of the settings", async () => {
    const { resources } = await deployed(() => create("Database"));
    const { spec } = only(resources, "kubernetes:apps/v1:StatefulSet").inputs;
    const server = spec.template.spec.containers.find((each: { name: string }) => each.name === "postgres");
    assert.deepEqual(server.resources, {
      requests: { cpu: "100m", memory: "256Mi" },
      limits: { cpu: "1", memory: "256Mi" },
    });
  });

  it("keeps passwords and secrets secret, however they are passed", async () => {
    const { resources } = await deployed(async () => {
      await create("Database");
      await create("WebApp", { secrets: pulumi.secret({ TOKEN: "s3cret" }) });
      await create("Release", { secrets: { NPM_TOKEN: "t0ken" } });
    });
    const secret = "kubernetes:core/v1:Secret";
    assert.equal(only(resources, secret, "database-credentials").inputs.stringData.value.password, "correct-horse");
    assert.equal(only(resources, secret, "webapp-secrets").inputs.stringData.value.TOKEN, "s3cret");
    assert.equal(only(resources, "docker-build:index:Image").inputs.secrets.value.NPM_TOKEN, "t0ken");
    for (const { type, inputs } of resources.filter(({ type }) => type !== secret && !type.endsWith("Image")))
      assert.doesNotMatch(JSON.stringify(inputs ?? {}), /correct-horse|s3cret|t0ken/, type);
  });

  it("gives a WebApp the connection of the Database that it refers to", async () => {
    const { resources } = await deployed(async () => {
      const { urn } = await create("Database");
      return create("WebApp", { database: urn });
    });
    const { metadata, spec } = only(resources, "kubernetes:apps/v1:Deployment").inputs.spec.template;
    assert.equal(metadata.labels["slipway/database-client"], "true");
    assert.ok(spec.containers[0].env.some((each: { name: string }) => each.name === "PGHOST"));
  });

  it("builds a release from its source", async () => {
    const { resources } = await deployed(() => create("Release", { source: "https://example.com/team/shop" }));
    const { inputs } = only(resources, "docker-build:index:Image");
    assert.equal(inputs.labels["org.opencontainers.image.source"], "https://example.com/team/shop");
  });

  it("is refused if arguments are wrong, with all of them", async () => {
    await rejects(
      "WebApp",
      { port: 99999, probes: { live: "live", ready: "/ready" } },
      "wrong arguments\n  port; allowed: a whole number from 1 to 65535\n  probes.live; allowed: a path that begins with /\n",
    );
  });

  it("is refused if it refers to something else than a Database", () =>
    rejects(
      "WebApp",
      { database: "urn:pulumi:dev::shop::a:b:C::c" },
      /database; allowed: a Database of the same program/,
    ));

  it("is refused without a source to build", () => rejects("Release", { build: undefined }, /wrong arguments/));

  it("is refused if a preview doesn't know what decides about resources", () =>
    rejects("Database", { storage: unknown() }, /storage; allowed: a value that a preview knows/));

  it("is refused if the package has no such component", () =>
    assert.rejects(
      construct("x", "slipway:index:Cache", {}, {}),
      /no component slipway:index:Cache; there are Release, /,
    ));
});
