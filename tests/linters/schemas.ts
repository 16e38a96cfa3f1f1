import { hash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../sandbox/command.ts";
import { readRecipe } from "../../sandbox/compile.ts";
import { paths, repository } from "../../sandbox/paths.ts";
import { say } from "../../sandbox/progress.ts";

/** Recipe of the sandbox's cluster, so that schemas and cluster have one version. */
const recipe = join(repository, "sandbox", "compile", "kubernetes");
const kubernetes = "k8s.io/kubernetes";

/** Kubernetes version of the schemas, as in `v1.34.4`. */
export const kubernetesVersion = (): string =>
  readRecipe(readFileSync(join(recipe, "go.mod"), "utf8"), kubernetes).version;

/** Folder with one schema for each kind, by the version of Kubernetes and of this file. */
export const schemaFolder = (): string => {
  const maker = hash("sha256", readFileSync(import.meta.filename)).slice(0, 8);
  return join(paths.root, "schemas", `${kubernetesVersion()}-${maker}`);
};

/** Writes the schemas unless they exist, from the API description in Kubernetes' source. */
export async function ensureSchemas(): Promise<void> {
  const folder = schemaFolder();
  if (existsSync(folder)) return;
  const version = kubernetesVersion();
  say(`schemas of Kubernetes ${version}: making them from its source`);
  const source = JSON.parse(await run(["go", "mod", "download", "-json", `${kubernetes}@${version}`], { cwd: recipe }));
  const description = readFileSync(join(source.Dir, "api", "openapi-spec", "swagger.json"), "utf8");
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  for (const [name, schema] of Object.entries(strictSchemas(JSON.parse(description))))
    writeFileSync(join(draft, name), JSON.stringify(schema));
  renameSync(draft, folder);
}

/** Part of a definition in the API description (https://swagger.io/specification/v2/#schema-object). */
interface Definition {
  $ref?: string;
  description?: string;
  type?: string | string[];
  format?: string;
  properties?: Record<string, Definition>;
  required?: string[];
  additionalProperties?: Definition | boolean;
  "x-kubernetes-group-version-kind"?: { group: string; version: string; kind: string }[];
}

/**
 * JSON Schemas by file name, as kubeconform expects it (`deployment-apps-v1.json`). They refuse unknown fields, and objects without
 * apiVersion and kind. Each contains all its definitions, because kubeconform would read a shared file once for every kind.
 */
export function strictSchemas({ definitions }: { definitions: Record<string, Definition> }): Record<string, object> {
  const files: Record<string, object> = {};
  const all = mapped(definitions, strict);
  for (const [name, definition] of Object.entries(definitions)) {
    const kinds = definition["x-kubernetes-group-version-kind"] ?? [];
    const [only] = kinds;
    // Definitions of several kinds, such as DeleteOptions, are not objects of their own.
    if (!only || kinds.length > 1) continue;
    const { group, version, kind } = only;
    const file = [kind, ...(group ? [group.split(".")[0]] : []), version].join("-").toLowerCase();
    files[`${file}.json`] = {
      required: ["apiVersion", "kind"],
      allOf: [{ $ref: reference(name) }],
      definitions: Object.fromEntries([...reachable(name, all)].map((each) => [each, all[each]])),
    };
  }
  return files;
}

const reference = (name: string) => `#/definitions/${name}`;

/** Names of a definition and of all that it references, directly or not. */
function reachable(name: string, all: Record<string, Definition>, names = new Set<string>()): Set<string> {
  if (names.has(name)) return names;
  names.add(name);
  for (const [, next = ""] of JSON.stringify(all[name]).matchAll(/"#\/definitions\/([^"]+)"/g))
    reachable(next, all, names);
  return names;
}

function strict({ description, ...definition }: Definition): Definition {
  // The description declares strings or numbers as strings.
  if (definition.format === "int-or-string") return { type: ["integer", "string"] };
  const { properties, additionalProperties } = definition;
  if (!properties) return definition;
  return { ...definition, properties: mapped(properties, strict), additionalProperties: additionalProperties ?? false };
}

const mapped = <T>(record: Record<string, T>, change: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
