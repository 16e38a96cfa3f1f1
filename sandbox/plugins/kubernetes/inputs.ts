import { isSecret, type Properties, plain } from "../properties.ts";
import { type Autonaming, withName } from "./autoname.ts";
import { markSecrets } from "./checkpoint.ts";
import { UnknownKindError } from "./cluster.ts";
import type { Connection } from "./connection.ts";
import { UnreachableError } from "./exchange.ts";
import { normalize } from "./normalize.ts";
import { asObject, isNamespaced as builtInNamespaced, type Kind, kindOf, kindOfUrn } from "./object.ts";

/** What a Check is given. */
export type CheckRequest = {
  urn: string;
  /** The inputs of the last update; empty for a new resource. */
  old: Properties;
  /** The program's inputs. */
  inputs: Properties;
  seed: Uint8Array;
  autonaming?: Autonaming;
};

/** Completes a program's inputs to what the plugin will apply: canonical form, name, namespace, secrets marked. */
export async function checkInputs(request: CheckRequest, connection: Connection): Promise<Properties> {
  const kind = kindOfUrn(request.urn);
  // Metadata that is not known yet says nothing about name and namespace: the update will find out.
  if (typeof request.inputs.metadata === "string") return request.inputs;
  const { metadata } = request.inputs;
  const readable = isSecret(metadata) ? { ...request.inputs, metadata: plain(metadata) } : request.inputs;
  const object = normalize(asObject(readable, kind));
  const old = Object.keys(request.old).length > 0 ? asObject(request.old, kind) : undefined;
  const logicalName = request.urn.split("::").at(-1) ?? "";
  const named = withName(object, old, logicalName, request.seed, request.autonaming);
  const core = named.apiVersion.replace(/^core\//, "");
  const placed = { ...named, apiVersion: core, metadata: { ...named.metadata } };
  if (!placed.metadata.namespace && (await isNamespaced(kindOf(placed), connection))) {
    placed.metadata.namespace = await connection.defaultNamespace();
  }
  return markSecrets(placed, request.inputs);
}

/** Whether a kind lives in a namespace. One that the server does not know yet is taken to, as the official plugin does. */
export async function isNamespaced(kind: Kind, connection: Connection): Promise<boolean> {
  const known = builtInNamespaced(kind);
  if (known !== undefined) return known;
  try {
    return await (await connection.cluster()).isNamespaced(kind);
  } catch (error) {
    if (error instanceof UnknownKindError || error instanceof UnreachableError) return true;
    throw error;
  }
}
