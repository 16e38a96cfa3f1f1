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

/** One resource of an environment, as the program asks for it. */
export interface Resource {
  /** Kind of a Kubernetes object, as in `Deployment`; of anything else, what it is to Pulumi, as in `docker-build Image`. */
  readonly kind: string;
  /** Its name in the program; the same in every environment. */
  readonly name: string;
  /** Its address in the stack, with the types of what it is part of. Default: it is in none. */
  readonly urn?: string;
  /** A Kubernetes object as it would be sent; of anything else, its inputs. */
  readonly object: Fields;
  /** Pulumi's own options, where they decide what becomes of it. */
  readonly options: Fields;
  /** Names of what it waits for. Default: nothing. */
  readonly dependsOn?: readonly string[];
  /** Name of the provider that it is made by. Default: the one that nobody named. */
  readonly provider?: string;
  /** Whether it is sent to Kubernetes. */
  readonly manifest: boolean;
}

/**
 * Renders one environment: runs the program as it is, without engine, plugins, cluster or registry. What only they
 * know has a stand-in that is the same for every environment: digests, made-up names, secrets (they cannot be
 * decrypted, and a committed file may lack them), the record of what the stack before has verified.
 *
 * @param others the other environments; a promoted release is as the one that builds would build it
 * @param earlier what the environment's last update put out; default: there was none
 * @returns every resource, in the order of kinds and names
 * @throws UserError where the settings are wrong, with what `pulumi preview` would say
 */
export async function render(
  file: StackFile,
  others: StackFile[] = stackFiles(),
  earlier: Fields = {},
): Promise<Resource[]> {
  const { resources } = await run(file, others, earlier);
  return resources
    .filter(({ custom, type }) => custom && type !== "pulumi:pulumi:StackReference")
    .map(rendered)
    .sort((a, b) => `${a.kind} ${a.name}`.localeCompare(`${b.kind} ${b.name}`, "en"));
}

/** What the stack of an environment would put out; the rest is as for `render`. */
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
      stackOutputs: { verified: await verifiedBefore(file, others), ...earlier },
      answers: simulatedAws(file),
    });
  } finally {
    pulumi.runtime.setAllConfig({}, []);
    if (secretKeys === undefined) delete process.env.PULUMI_CONFIG_SECRET_KEYS;
    else process.env.PULUMI_CONFIG_SECRET_KEYS = secretKeys;
  }
}

/** What is sent to Kubernetes; where somebody else decides about a field, without it, as after the first time. */
export const manifests = (resources: Resource[]): Fields[] =>
  resources
    .filter(({ manifest }) => manifest)
    .map(({ object, options }) => ((options.ignoreChanges ?? []) as string[]).reduce(without, object));

function without(object: Fields, path: string): Fields {
  const [first = "", ...rest] = path.split(".");
  const { [first]: inner, ...others } = object;
  return rest.length === 0 ? others : { ...others, [first]: without(inner as Fields, rest.join(".")) };
}

/** The configuration as the engine hands it over, with a placeholder for every secret. */
export function engineConfig({ config }: Pick<StackFile, "config">): {
  config: Record<string, string>;
  encrypted: string[];
} {
  const complete: Fields = { ...config };
  // The committed files leave it to whoever runs them to set it.
  if (complete["slipway:database"]) complete["slipway:databasePassword"] ??= { secure: "" };
  const values: Record<string, string> = {};
  const encrypted: string[] = [];
  for (const [key, value] of Object.entries(complete)) {
    const open = withPlaceholders(value, key);
    if (open !== value) encrypted.push(key);
    values[key] = typeof open === "string" ? open : JSON.stringify(open);
  }
  return { config: values, encrypted };
}

/** The record that lets the release through that the file names. */
async function verifiedBefore(file: StackFile, others: StackFile[]): Promise<Verified> {
  const { name, build } = file.config["slipway:release"] ?? {};
  if (!name) return {};
  const rest = others.filter(({ stack }) => stack !== file.stack);
  const previous = rest.find(({ stack }) => stack === previousOf(file));
  const before = previous && (await verifiedBefore(previous, rest));
  const commit = build ? await commitOf(build.context) : Object.values(before ?? {})[0]?.commit;
  return { [name]: { digest, commit: commit ?? "unknown" } };
}

const commits = new Map<string, Promise<string | undefined>>();

/** `lastCommit`, asked once: it starts git twice, and every promoted environment asks for the same. */
function commitOf(folder: string): Promise<string | undefined> {
  const commit = commits.get(folder) ?? lastCommit(folder);
  commits.set(folder, commit);
  return commit;
}

/** The value with a placeholder for everything in it that is encrypted; itself where nothing is. */
function withPlaceholders(value: unknown, path: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("secure" in value && Object.keys(value).length === 1) return `placeholder-for-${path}`;
  const open: Fields = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withPlaceholders(inner, `${path}.${name}`)]),
  );
  if (Object.entries(value).every(([name, inner]) => inner === open[name])) return value;
  return Array.isArray(value) ? Object.values(open) : open;
}

function rendered(registered: CapturedResource): Resource {
  const { type, name, urn, outputs, dependsOn, protect, retainOnDelete, deleteBeforeReplace, ignoreChanges } =
    registered;
  const [provider = "", module = "", kind = ""] = type.split(":");
  const manifest = provider === "kubernetes";
  const other = module === "providers" ? `${kind} provider` : `${provider} ${kind}`;
  return {
    kind: manifest ? kind : other,
    name,
    urn,
    object: plain(outputs) as Fields,
    dependsOn,
    provider: registered.provider,
    options: { protect, retainOnDelete, deleteBeforeReplace, ignoreChanges },
    manifest,
  };
}

/** Takes the wrappers of secrets off; what is in them here is a placeholder. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.runtime.isRpcSecret(value)) return plain(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, plain(inner)]));
}

/** npm run -s render -- STACK: prints the environment's Kubernetes objects as YAML. */
async function main(stack = "dev"): Promise<void> {
  const file = stackFiles().find((each) => each.stack === stack);
  if (!file) throw new UserError(`There is no Pulumi.${stack}.yaml`);
  for (const object of manifests(await render(file))) console.log(`---\n${stringify(object).trimEnd()}`);
}

if (import.meta.main) await runMain(() => main(process.argv[2]));
