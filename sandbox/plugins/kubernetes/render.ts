import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containsSecret, type Properties } from "../properties.ts";
import type { KubernetesObject } from "./object.ts";

/**
 * Writes an object's manifest as YAML, readable by its owner only, to the path that the official plugin gives it.
 * @param inputs the same object with its marks of secrets
 */
export async function writeManifest(
  object: KubernetesObject,
  inputs: Properties,
  directory: string,
): Promise<{ path: string; hasSecrets: boolean }> {
  const { stringify } = await import("yaml");
  const path = manifestPath(object, directory);
  for (const folder of ["0-crd", "1-manifest"]) mkdirSync(join(directory, folder), { recursive: true, mode: 0o700 });
  writeFileSync(path, stringify(object, { sortMapEntries: true, lineWidth: 0 }), { mode: 0o600 });
  chmodSync(path, 0o600);
  return { path, hasSecrets: containsSecret(inputs) };
}

/** Removes an object's manifest; one that is gone already is fine. */
export function removeManifest(object: KubernetesObject, directory: string): void {
  rmSync(manifestPath(object, directory), { force: true });
}

/** `DIRECTORY/1-manifest/apps_v1-deployment-NAMESPACE-NAME.yaml`; definitions of kinds go to 0-crd, to be applied first. */
export function manifestPath(object: KubernetesObject, directory: string): string {
  const { name, namespace = "default" } = object.metadata;
  const folder = object.kind === "CustomResourceDefinition" ? "0-crd" : "1-manifest";
  const apiVersion = object.apiVersion.replace(/[/:]/g, "_");
  return join(directory, folder, `${apiVersion}-${object.kind.toLowerCase()}-${namespace}-${name}.yaml`);
}
