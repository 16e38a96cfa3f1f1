import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { outputValue } from "../cluster/client.ts";
import { Database } from "../components/database.ts";
import { Release } from "../components/release.ts";
import { WebApp } from "../components/web.ts";
import { lastCommit } from "../image/commit.ts";
import { readContent } from "../image/content-key.ts";
import { database } from "../settings/database.ts";
import { release } from "../settings/release.ts";
import { UserError } from "../settings/user-error.ts";
import { web } from "../settings/web.ts";

type Options = pulumi.ComponentResourceOptions;
type Secrets = Record<string, pulumi.Input<string>>;

/** Databases of this program by URN: a program refers to one by that, and a WebApp needs all that its Database knows. */
const databases = new Map<string, Database>();

/** Creates each component from the arguments of another program. */
const components = {
  async Release(name: string, args: pulumi.Inputs, options: Options) {
    const { secrets, ...settings } = await plain(args);
    const { repository, source, build } = check(release, settings);
    if (!build) throw problem(["build", "the folder of the source, as in {context: app}"]);
    const labels = source ? { "org.opencontainers.image.source": source } : undefined;
    const from = {
      content: readContent({ ...build, labels }),
      commit: await lastCommit(build.context),
      builder: build.builder,
      secrets: hidden(secrets),
    };
    const component = new Release(name, { repository, from }, options);
    return { component, state: { image: component.image, commit: component.commit } };
  },

  async Database(name: string, { namespace, password, ...args }: pulumi.Inputs, options: Options) {
    const { dns, ...settings } = await plain(args);
    const inputs = { ...check(database, settings), namespace, password: pulumi.secret(password), dns };
    const component = new Database(name, inputs, options);
    databases.set(await outputValue(component.urn), component);
    return { component, state: { connection: component.connection, claim: component.claim } };
  },

  async WebApp(name: string, { namespace, image, pullSecret, ...args }: pulumi.Inputs, options: Options) {
    const { secrets, database: urn, ...settings } = await plain(args);
    const database = databases.get(urn);
    if (urn && !database) throw problem(["database", "a Database of the same program and provider"]);
    const inputs = {
      ...check(web, settings),
      namespace,
      image,
      pullSecret,
      secrets: hidden(secrets),
      database: database?.connection,
    };
    const component = new WebApp(name, inputs, options);
    const { url, ready, loadBalancer } = component;
    return { component, state: { url, ready, loadBalancer } };
  },
};

/**
 * Creates a component for a program in another language.
 *
 * @param type as in `slipway:index:Database`
 * @throws UserError that names every wrong argument, with what is allowed
 */
export async function construct(name: string, type: string, inputs: pulumi.Inputs, options: Options) {
  const create = Object.entries(components).find(([each]) => type === `slipway:index:${each}`)?.[1];
  if (!create) throw new Error(`there is no component ${type}; there are ${Object.keys(components).join(", ")}`);
  const { component, state } = await create(name, inputs, options);
  return { urn: component.urn, state };
}

/** Waits for arguments that have to be known, which may come as outputs if they are secret. @throws UserError if one is unknown */
async function plain(args: pulumi.Inputs): Promise<pulumi.Inputs> {
  const entries = Object.entries(args).map(async ([key, value]) => {
    if (!pulumi.Output.isInstance(value)) return [key, value];
    const { isKnown } = value as unknown as { isKnown: Promise<boolean> };
    if (!(await isKnown)) throw problem([key, "a value that a preview knows; this is the output of a new resource"]);
    return [key, await outputValue(value)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Checks arguments as the stack files' settings are, and fills in the defaults. @throws UserError */
function check<T extends z.ZodType>(settings: T, args: pulumi.Inputs): z.output<T> {
  const { data, error } = settings.safeParse(args);
  if (error) throw problem(...error.issues.map(({ path, message }) => [path.join("."), message] as const));
  return data as z.output<T>;
}

/** Not the SDK's InputPropertiesError: the engine panics when it shows an unknown value that has one. */
const problem = (...wrong: (readonly [argument: string, allowed: string])[]) =>
  new UserError(
    `wrong arguments\n${wrong.map(([argument, allowed]) => `  ${argument}; allowed: ${allowed}\n`).join("")}`,
  );

/** Secrets by name, however the program has passed them. */
const hidden = (secrets: Secrets = {}): Secrets =>
  Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, pulumi.secret(value)]));
