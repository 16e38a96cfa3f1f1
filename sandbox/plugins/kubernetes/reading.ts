import { type Properties, plain } from "../properties.ts";
import { NotReadyError } from "../serve.ts";
import { hexDigits } from "./autoname.ts";
import { causesOfUnready } from "./await/wait.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { type Cluster, UnknownKindError } from "./cluster.ts";
import { type Connection, unreachable } from "./connection.ts";
import { prune } from "./difference.ts";
import { UnreachableError } from "./exchange.ts";
import { normalize } from "./normalize.ts";
import { asObject, type KubernetesObject, kindOfUrn, parseId } from "./object.ts";

/**
 * Reads an object as it is live, for a refresh, an import or a get.
 * @param state of the last update; empty for an import
 * @returns undefined when it is not there any more
 * @throws NotReadyError when it is there but not ready
 */
export async function readObject(
  urn: string,
  id: string,
  state: Properties,
  inputs: Properties,
  connection: Connection,
): Promise<{ properties: Properties; inputs: Properties } | undefined> {
  const kind = kindOfUrn(urn);
  const old = readCheckpoint(state);
  const { name, namespace } = parseId(id);
  if (connection.settings.renderDirectory) return { properties: state, inputs };
  let live: KubernetesObject | undefined;
  let cluster: Cluster;
  try {
    cluster = await connection.cluster();
    live = await cluster.get(kind, name, namespace);
  } catch (error) {
    if (error instanceof UnknownKindError) return undefined;
    if (!(error instanceof UnreachableError)) throw error;
    if (connection.settings.deleteUnreachable) return undefined;
    throw unreachable(error);
  }
  if (!live) return undefined;
  const isImport = Object.keys(inputs).length === 0;
  const known = isImport ? {} : normalize(asObject(plain(inputs) as Properties, kind));
  const liveInputs = asObject((isImport ? normalize(live) : prune(live, known)) as Properties, kind);
  if (isImport) delete liveInputs.metadata.annotations?.["deployment.kubernetes.io/revision"];
  const fieldManager = old.fieldManager ?? `pulumi-kubernetes-${hexDigits()}`;
  const { initialApiVersion } = old;
  const properties = writeCheckpoint({ inputs: liveInputs, live, fieldManager, initialApiVersion }, inputs);
  const marked = properties.__inputs as Properties;
  const causes = isImport ? [] : await causesOfUnready(live, cluster);
  if (causes.length > 0) {
    const summary = `the Kubernetes API server reported that "${id}" failed to fully initialize or become live`;
    throw new NotReadyError(id, properties, [summary, ...causes], marked);
  }
  return { properties, inputs: marked };
}
