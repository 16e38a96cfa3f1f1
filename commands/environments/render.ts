import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { Verified } from "../../components/release/verified.ts";
import { lastCommit } from "../../image/commit.ts";
import deploy from "../../index.ts";
import { previousOf, type StackFile, stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import type { Fields } from "../cli/fields.ts";
import { runMain } from "../cli/run-main.ts";
import { type CapturedResource, captureResources, digest } from "./capture-resources.ts";
import { simulatedAws } from "./simulated-aws.ts";
import { simulatedWorld } from "./simulated-world.ts";

/** Resource of an environment, as the program declares it. */
export interface Resource {
  /** Kind of a Kubernetes object, as in `Deployment`; else package and type, as in `docker-build Image`. */
  readonly kind: string;
  /** Name in the program, which is the same in every environment. */
  readonly name: string;
  readonly urn?: string;
  /** Kubernetes object as it would be sent; else the inputs. */
  readonly object: Fields;
  /** Resource options of Pulumi that decide about replacement and deletion. */
  readonly options: Fields;
  /** Names of the resources that it waits for. */
  readonly dependsOn?: readonly string[];
  /** Name of its provider. @default the default provider */
  readonly provider?: string;
  /** Whether it is sent to Kubernetes. */
  readonly manifest: boolean;
}

/**
 * Renders an environment: runs the program without engine, plugins, cluster or registry. Values that only those know are
 * the same for every environment: digests, generated names, secrets, and the releases that the previous stack verified.
 *
 * @param others the other environments; a promoted release is rendered as the stack that builds would build it
 * @param earlier outputs of the environment's last update. @default none
 * @returns every resource, sorted by kind and name
 * @throws UserError if the settings are wrong, with the message of `pulumi preview`
 */
export async function render(
  file: StackFile,
  others: StackFile[] = stackFiles(),
  earlier: Fields = {},
): Promise<Resource[]> {
  const { resources } = await run(file, others, earlier);
  return resources
    .filter(({ custom, type }) => custom && type !== "pulumi:pulumi:StackReference")
    .map(toResource)
    .sort((a, b) => `${a.kind} ${a.name}`.localeCompare(`${b.kind} ${b.name}`, "en"));
}

/** Renders an environment as `render` does. @returns the outputs of its stack */
export const outputs = async (file: StackFile, earlier: Fields = {}): Promise<Fields> =>
  (await run(file, stackFiles(), earlier)).result;

async function run(
  file: StackFile,
  others: StackFile[],
  earlier: Fields,
): Promise<{ resources: CapturedResource[]; result: Fields }> {
  const { config, encrypted } = engineConfig(file);
  const secretKeys = process.env.PULUMI_CONFIG_SECRET_KEYS;
  try {
    process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(encrypted);
    pulumi.runtime.setAllConfig(config, encrypted);
    return await captureResources<Fields>(() => deploy(simulatedWorld), {
      stack: file.stack,
      stackOutputs: { verified: await simulateVerified(file, others), ...earlier },
      answers: simulatedAws(file),
    });
  } finally {
    pulumi.runtime.setAllConfig({}, []);
    if (secretKeys === undefined) delete process.env.PULUMI_CONFIG_SECRET_KEYS;
    else process.env.PULUMI_CONFIG_SECRET_KEYS = secretKeys;
  }
}

/** Kubernetes objects as an update would send them; without fields in `ignoreChanges`, which others set. */
export const manifests = (resources: Resource[]): Fields[] =>
  resources
    .filter(({ manifest }) => manifest)
    .map(({ object, options }) => ((options.ignoreChanges ?? []) as string[]).reduce(without, object));

function without(object: Fields, path: string): Fields {
  const [first = "", ...rest] = path.split(".");
  const { [first]: inner, ...others } = object;
  return rest.length === 0 ? others : { ...others, [first]: without(inner as Fields, rest.join(".")) };
}

/** Configuration as the engine passes it to a program, with placeholders for secrets. */
export function engineConfig({ config }: Pick<StackFile, "config">): {
  config: Record<string, string>;
  encrypted: string[];
} {
  const complete: Fields = { ...config };
  // Committed files may lack the password; everyone sets their own.
  if (complete["slipway:database"]) complete["slipway:databasePassword"] ??= { secure: "" };
  const values: Record<string, string> = {};
  const encrypted: string[] = [];
  for (const [key, value] of Object.entries(complete)) {
    const plain = withPlaceholders(value, key);
    if (plain !== value) encrypted.push(key);
    values[key] = typeof plain === "string" ? plain : JSON.stringify(plain);
  }
  return { config: values, encrypted };
}

/** Releases that the previous stack has to have verified, so that the program accepts the file's release. */
async function simulateVerified(file: StackFile, others: StackFile[]): Promise<Verified> {
  const { name, build } = file.config["slipway:release"] ?? {};
  if (!name) return {};
  const rest = others.filter(({ stack }) => stack !== file.stack);
  const previous = rest.find(({ stack }) => stack === previousOf(file));
  const verified = previous && (await simulateVerified(previous, rest));
  const commit = build ? await commitOf(build.context) : Object.values(verified ?? {})[0]?.commit;
  return { [name]: { digest, commit: commit ?? "unknown" } };
}

const commits = new Map<string, Promise<string | undefined>>();

/** Caches `lastCommit`, which starts git twice; every promoted environment needs the same commit. */
function commitOf(folder: string): Promise<string | undefined> {
  const commit = commits.get(folder) ?? lastCommit(folder);
  commits.set(folder, commit);
  return commit;
}

/** Replaces encrypted values by placeholders. @returns the same value if nothing in it is encrypted */
function withPlaceholders(value: unknown, path: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  // Of characters that are safe in a URL, as the settings check those of a database's password.
  if ("secure" in value && Object.keys(value).length === 1)
    return `placeholder-for-${path === "slipway:databasePassword" ? "databasePassword" : path}`;
  const plain: Fields = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withPlaceholders(inner, `${path}.${name}`)]),
  );
  if (Object.entries(value).every(([name, inner]) => inner === plain[name])) return value;
  return Array.isArray(value) ? Object.values(plain) : plain;
}

function toResource(captured: CapturedResource): Resource {
  const { protect, retainOnDelete, deleteBeforeReplace, ignoreChanges } = captured;
  const [provider = "", module = "", kind = ""] = captured.type.split(":");
  const manifest = provider === "kubernetes";
  const other = module === "providers" ? `${kind} provider` : `${provider} ${kind}`;
  return {
    kind: manifest ? kind : other,
    name: captured.name,
    urn: captured.urn,
    object: withoutWrappers(captured.outputs) as Fields,
    dependsOn: captured.dependsOn,
    provider: captured.provider,
    options: { protect, retainOnDelete, deleteBeforeReplace, ignoreChanges },
    manifest,
  };
}

/** Removes the wrappers that mark secrets; their values are placeholders here. */
function withoutWrappers(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.runtime.isRpcSecret(value)) return withoutWrappers(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(withoutWrappers);
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, withoutWrappers(inner)]));
}

/** npm run -s render -- STACK: prints an environment's Kubernetes objects as YAML. */
async function main(stack = "dev"): Promise<void> {
  const file = stackFiles().find((each) => each.stack === stack);
  if (!file) throw new UserError(`There is no Pulumi.${stack}.yaml`);
  for (const object of manifests(await render(file))) console.log(`---\n${stringify(object).trimEnd()}`);
}

if (import.meta.main) await runMain(() => main(process.argv[2]));
