import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/**
 * Version of an installed Pulumi package, which is the version of the plugin that the engine asks for.
 *
 * @param name "kubernetes" for @pulumi/kubernetes
 */
export function packageVersion(name: string): string {
  const path = createRequire(import.meta.url).resolve(`@pulumi/${name}/package.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
