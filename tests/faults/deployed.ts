import assert from "node:assert/strict";
import { eventually } from "../../sandbox/eventually.ts";
import type { Project } from "../e2e/project.ts";

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind, and the resources of a state
type Anything = any;

/** Kinds that the cluster creates by itself. */
const derived = ["events", "events.events.k8s.io", "endpoints", "endpointslices.discovery.k8s.io"];

/**
 * Describes everything that a project has deployed: the objects of its namespace, its pods, the resources and outputs of its state. One
 * line each, sorted, without what differs between two deployments: random suffixes, digests, times, numbers from the cluster.
 */
export const deployed = async (project: Project): Promise<string[]> => [
  ...(await inCluster(project)),
  ...(await inState(project)),
];

async function inCluster(project: Project): Promise<string[]> {
  const kinds = (await project.kinds()).filter((kind) => !derived.includes(kind)).join();
  // The pods of the previous version need a while to stop.
  const all = await eventually(async () => {
    const objects = await project.objects(kinds, "--show-managed-fields");
    assert.ok(!objects.some(({ metadata }) => metadata.deletionTimestamp));
    return objects;
  }, 90);
  const objects = all
    .filter(({ metadata }) => !metadata.ownerReferences)
    .map((object) => line(object.kind, withoutClusterFields(object)));
  const pods = all
    .filter(({ kind, metadata }) => kind === "Pod" && metadata.ownerReferences[0].kind !== "Job")
    .map(({ metadata, status }) => `a pod of ${metadata.labels["app.kubernetes.io/name"]}, ${status.phase}`);
  return [...objects, ...pods].sort();
}

/** Object without the fields that the cluster adds. */
function withoutClusterFields({ apiVersion, kind, metadata, status = {}, data, ...rest }: Anything): Anything {
  const ours = (entries: object = {}) =>
    Object.entries(entries).filter(
      ([key]) => !/^deployment\.kubernetes|^batch\.kubernetes|^pv\.|^volume\.|controller-uid|^job-name/.test(key),
    );
  const { clusterIP, clusterIPs, volumeName, selector, ...spec } = rest.spec ?? {};
  if (kind === "Job") delete spec.template.metadata.labels;
  const values =
    kind === "Secret" ? Object.values(data).map((value) => Buffer.from(`${value}`, "base64").toString()) : data;
  return {
    apiVersion,
    name: metadata.name,
    labels: ours(metadata.labels),
    annotations: ours(metadata.annotations),
    // A further manager would keep fields that the program no longer sets.
    appliedBy: (metadata.managedFields ?? []).filter(({ operation }: Anything) => operation === "Apply").length,
    ...rest,
    spec,
    data: values,
    selector: kind === "Job" ? undefined : selector,
    status: { phase: status.phase, ready: status.readyReplicas, succeeded: status.succeeded },
  };
}

async function inState(project: Project): Promise<string[]> {
  const deployment = await project.deployment();
  assert.deepEqual(deployment.pending_operations ?? [], []);
  const resources = deployment.resources.map((resource: Anything) => {
    // Position, dependencies and provider follow from the program.
    const { created, modified, dependencies, propertyDependencies, provider, sourcePosition, stackTrace, ...rest } =
      resource;
    const outputs = rest.type === "pulumi:pulumi:Stack" ? rest.outputs : undefined;
    const id = rest.type.startsWith("pulumi:providers") ? undefined : rest.id;
    return line("state", { ...rest, id, inputs: withoutSecrets(rest.inputs), outputs });
  });
  return resources.sort();
}

/** Inputs without ciphertexts, which differ each time. */
const withoutSecrets = (inputs: unknown): unknown =>
  JSON.parse(JSON.stringify(inputs ?? {}, (key, value) => (key === "ciphertext" ? "*" : value)));

/** Line without random suffixes, which have eight hexadecimal digits, and digests and content keys, which have 32 or more. */
const line = (label: string, content: unknown): string =>
  `${label} ${JSON.stringify(content)
    .replace(/-[0-9a-f]{8}(?![0-9a-f])/g, "-*")
    .replace(/[0-9a-f]{32,}/g, "*")}`;
