import assert from "node:assert/strict";
import { eventually } from "../../sandbox/eventually.ts";
import type { Project } from "../e2e/project.ts";

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind, and the resources of a state
type Anything = any;

/** What the cluster makes by itself, and what only tells of something else. */
const derived = ["events", "events.events.k8s.io", "endpoints", "endpointslices.discovery.k8s.io"];

/**
 * All that a project has come to: every object of its namespace, its pods by what they are for, and its state's
 * resources and outputs. One line each, in a fixed order, without what differs from one deployment to the next: made-up
 * endings of names, digests, times, numbers that the cluster gave. Two deployments are the same where these lines are.
 */
export const deployed = async (project: Project): Promise<string[]> => [
  ...(await inCluster(project)),
  ...(await inState(project)),
];

async function inCluster(project: Project): Promise<string[]> {
  const kinds = (await project.kubectl("api-resources", "--namespaced", "--verbs=list", "--output=name")).trim();
  const asked = kinds.split("\n").filter((kind) => !derived.includes(kind));
  const get = async () =>
    JSON.parse(await project.kubectl("get", asked.join(), "--show-managed-fields", "--output=json"))
      .items as Anything[];
  // The pods of the version before need a while to go.
  const all = await eventually(async () => {
    const found = await get();
    assert.ok(!found.some(({ metadata }) => metadata.deletionTimestamp));
    return found;
  }, 90);
  const objects = all
    .filter(({ metadata }) => !metadata.ownerReferences)
    .map((object) => line(object.kind, known(object)));
  const pods = all
    .filter(({ kind, metadata }) => kind === "Pod" && metadata.ownerReferences[0].kind !== "Job")
    .map(({ metadata, status }) => `a pod of ${metadata.labels["app.kubernetes.io/name"]}, ${status.phase}`);
  return [...objects, ...pods].sort();
}

/** An object without what the cluster adds. */
function known({ apiVersion, kind, metadata, status = {}, data, ...rest }: Anything): Anything {
  const ours = (entries: object = {}) =>
    Object.entries(entries).filter(
      ([key]) => !/^deployment\.kubernetes|^batch\.kubernetes|^pv\.|^volume\.|controller-uid|^job-name/.test(key),
    );
  const { clusterIP, clusterIPs, volumeName, selector, ...spec } = rest.spec ?? {};
  if (kind === "Job") delete spec.template.metadata.labels;
  const open =
    kind === "Secret" ? Object.values(data).map((value) => Buffer.from(`${value}`, "base64").toString()) : data;
  return {
    apiVersion,
    ...{ name: metadata.name, labels: ours(metadata.labels), annotations: ours(metadata.annotations) },
    // Fields that nobody applies any more would stay for ever.
    appliedBy: (metadata.managedFields ?? []).filter(({ operation }: Anything) => operation === "Apply").length,
    ...{ ...rest, spec, data: open, selector: kind === "Job" ? undefined : selector },
    status: { phase: status.phase, ready: status.readyReplicas, succeeded: status.succeeded },
  };
}

async function inState(project: Project): Promise<string[]> {
  const { deployment } = JSON.parse(await project.ok("stack", "export", "--stack", project.stack));
  assert.deepEqual(deployment.pending_operations ?? [], []);
  const resources = deployment.resources.map((resource: Anything) => {
    // Where it stands in the file, what it waited for and with which provider follow from the program.
    const { created, modified, dependencies, propertyDependencies, provider, sourcePosition, stackTrace, ...rest } =
      resource;
    const outputs = rest.type === "pulumi:pulumi:Stack" ? rest.outputs : undefined;
    const id = rest.type.startsWith("pulumi:providers") ? undefined : rest.id;
    return line("state", { ...rest, id, inputs: withoutSecrets(rest.inputs), outputs });
  });
  return resources.sort();
}

/** Encrypted anew each time. */
const withoutSecrets = (inputs: unknown): unknown =>
  JSON.parse(JSON.stringify(inputs ?? {}, (key, value) => (key === "ciphertext" ? "*" : value)));

/** Made-up endings have eight hexadecimal digits, digests and content keys 32 or more. */
const line = (what: string, content: unknown): string =>
  `${what} ${JSON.stringify(content)
    .replace(/-[0-9a-f]{8}(?![0-9a-f])/g, "-*")
    .replace(/[0-9a-f]{32,}/g, "*")}`;
