import { containsUnknown, type Properties, plain } from "../properties.ts";
import { NotReadyError } from "../serve.ts";
import {
  applyOptions,
  applyWithRetry,
  explainRefusal,
  foresee,
  keepIgnored,
  lacksPermission,
  reach,
} from "./applying.ts";
import { hexDigits } from "./autoname.ts";
import { skipsWait, WaitError, type WaitOptions, waitUntilGone, waitUntilReady } from "./await/wait.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { type Cluster, UnknownKindError } from "./cluster.ts";
import { type Connection, unreachable } from "./connection.ts";
import { UnreachableError } from "./exchange.ts";
import { normalize } from "./normalize.ts";
import { annotation, asObject, idOf, type KubernetesObject, kindOf, kindOfUrn, parseId } from "./object.ts";
import { removeManifest, writeManifest } from "./render.ts";

/** What a create, an update or a deletion is given. */
export type Operation = {
  urn: string;
  /** The resource's customTimeouts in seconds; 0 when it has none. */
  timeoutSeconds: number;
  preview: boolean;
};

/** Creates an object and waits until it is ready. In a preview, the server says what it would become. */
export async function createObject(
  operation: Operation,
  inputs: Properties,
  connection: Connection,
): Promise<{ id: string; properties: Properties }> {
  const object = asObject(plain(inputs) as Properties, kindOfUrn(operation.urn));
  const fieldManager = fieldManagerOf(object) ?? `pulumi-kubernetes-${hexDigits()}`;
  const checkpoint = (live: KubernetesObject) => writeCheckpoint({ inputs: object, live, fieldManager }, inputs);
  if (connection.settings.renderDirectory) return render(operation, inputs, connection, () => checkpoint(object));
  if (operation.preview) {
    const asIs = { id: "", properties: inputs };
    if (containsUnknown(inputs)) return asIs;
    const foreseen = await foresee(object, fieldManager, operation, connection);
    if (!foreseen) return asIs;
    const { status: _, ...withoutStatus } = foreseen;
    return { id: "", properties: checkpoint(withoutStatus as KubernetesObject) };
  }
  const cluster = await connection.cluster();
  const applied = await applyWithRetry(object, fieldManager, cluster, operation, connection);
  const id = idOf(applied);
  const summary = `resource "${id}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live`;
  const ready = await awaitReady(applied, summary, operation, connection, checkpoint);
  return { id, properties: checkpoint(ready) };
}

/** Updates an object and waits until it is ready again. In a preview, the server says what it would become. */
export async function updateObject(
  operation: Operation & { ignoreChanges: string[] },
  state: Properties,
  inputs: Properties,
  connection: Connection,
): Promise<Properties> {
  const kind = kindOfUrn(operation.urn);
  const old = readCheckpoint(state);
  const object = normalize(asObject(plain(inputs) as Properties, kind));
  const fieldManager = fieldManagerOf(object) ?? old.fieldManager ?? `pulumi-kubernetes-${hexDigits()}`;
  const initialApiVersion = old.initialApiVersion;
  const checkpoint = (live: KubernetesObject) =>
    writeCheckpoint({ inputs: object, live, fieldManager, initialApiVersion }, inputs);
  if (connection.settings.renderDirectory) {
    return (await render(operation, inputs, connection, () => checkpoint(object))).properties;
  }
  if (operation.preview && containsUnknown(inputs)) return inputs;
  const cluster = await connection.cluster();
  const id = idOf(object);
  const live = await reach(() => cluster.get(kindOf(object), old.live.metadata.name ?? "", object.metadata.namespace));
  if (!live)
    throw new Error(`${object.kind} "${id}" does not exist any more: pulumi refresh takes it out of the state`);
  const sent = keepIgnored(object, live, operation.ignoreChanges);
  let applied: KubernetesObject;
  try {
    const options = { ...applyOptions(sent, fieldManager, connection), dryRun: operation.preview };
    applied = await reach(() => cluster.apply(sent, options));
  } catch (error) {
    if (operation.preview && lacksPermission(error)) return inputs;
    throw new Error(`the Kubernetes API server refused the update of "${id}": ${explainRefusal(error, fieldManager)}`);
  }
  if (operation.preview) return checkpoint(applied);
  const summary = `the Kubernetes API server reported that "${id}" failed to fully initialize or become live`;
  return checkpoint(await awaitReady(applied, summary, operation, connection, checkpoint));
}

/** Deletes an object and waits until it is gone. */
export async function deleteObject(
  operation: Operation,
  id: string,
  state: Properties,
  connection: Connection,
): Promise<void> {
  const { live, inputs } = readCheckpoint(state);
  const object = asObject(live, kindOfUrn(operation.urn));
  if (connection.settings.renderDirectory) return removeManifest(object, connection.settings.renderDirectory);
  const { name, namespace } = parseId(id);
  try {
    const cluster = await connection.cluster();
    const kind = kindOf(object);
    const current = await cluster.get(kind, name, namespace);
    if (!current) return;
    await cluster.remove(kind, name, namespace, propagation(current));
    if (skipsWait(asObject(inputs, kind)) && ownsWaitedFor.has(current.kind)) return;
    await waitUntilGone(current, waitOptions(operation, cluster, connection));
  } catch (error) {
    if (error instanceof UnknownKindError) return;
    if (error instanceof WaitError) throw new Error([error.message, ...error.causes].join("; "));
    if (!(error instanceof UnreachableError)) throw error;
    if (connection.settings.deleteUnreachable) return;
    throw new Error(
      `${unreachable(error).message}. If the cluster is gone, PULUMI_K8S_DELETE_UNREACHABLE=true removes its objects from the state`,
    );
  }
}

// The kinds whose deletion the official plugin does not wait for when they ask not to be waited for.
const ownsWaitedFor = new Set([
  "Namespace",
  "Pod",
  "ReplicationController",
  "DaemonSet",
  "Deployment",
  "StatefulSet",
  "Job",
]);

function propagation(object: KubernetesObject): string {
  const policy = annotation(object, "pulumi.com/deletionPropagationPolicy")?.toLowerCase();
  return policy === "orphan" ? "Orphan" : policy === "background" ? "Background" : "Foreground";
}

function fieldManagerOf(object: KubernetesObject): string | undefined {
  return annotation(object, "pulumi.com/patchFieldManager") || undefined;
}

function waitOptions(operation: Operation, cluster: Cluster, connection: Connection): WaitOptions {
  return {
    cluster,
    timeoutSeconds: operation.timeoutSeconds,
    cancelled: connection.cancelled,
    status: (message) => connection.engine.status(operation.urn, message),
  };
}

/** Waits for an object that the server has accepted; what goes wrong now leaves it in the state, with the reasons. */
async function awaitReady(
  applied: KubernetesObject,
  summary: string,
  operation: Operation,
  connection: Connection,
  checkpoint: (live: KubernetesObject) => Properties,
): Promise<KubernetesObject> {
  try {
    return await waitUntilReady(applied, waitOptions(operation, await connection.cluster(), connection));
  } catch (error) {
    const live = error instanceof WaitError ? error.object : applied;
    const causes = error instanceof WaitError ? error.causes : [];
    const message = error instanceof Error ? error.message : String(error);
    throw new NotReadyError(idOf(applied), checkpoint(live), [`${summary}: ${message}`, ...causes]);
  }
}

async function render(
  operation: Operation,
  inputs: Properties,
  connection: Connection,
  checkpoint: () => Properties,
): Promise<{ id: string; properties: Properties }> {
  if (operation.preview || containsUnknown(inputs)) return { id: "", properties: inputs };
  const object = asObject(plain(inputs) as Properties, kindOfUrn(operation.urn));
  const { path, hasSecrets } = await writeManifest(object, inputs, connection.settings.renderDirectory ?? "");
  if (hasSecrets) connection.engine.warn(operation.urn, `rendered file ${path} contains a secret value in plaintext`);
  connection.engine.status(operation.urn, `rendered ${path}`);
  return { id: idOf(object), properties: checkpoint() };
}
