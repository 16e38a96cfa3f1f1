import type { CoreV1Event, V1Container, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import type { Evidence } from "./evidence.ts";

/** Cause of a failure and its remedy; sentences without the full stop. */
export interface Cause {
  readonly cause: string;
  readonly remedy: string;
}

/** A container's specification and status. */
export interface Container {
  readonly pod: V1Pod;
  readonly spec?: V1Container;
  readonly status: V1ContainerStatus;
}

/** Remedy of the first pattern that matches a message. */
export const remedyFor = (message: string, remedies: readonly [RegExp, string][]): string | undefined =>
  remedies.find(([pattern]) => pattern.test(message))?.[1];

/** Finds what keeps a pod from starting; undefined if its containers did start. */
export function neverStarted(evidence: Evidence, containers: Container[]): Cause | undefined {
  const { events } = evidence;
  return (
    notAdmitted(evidence) ??
    notScheduled(evidence) ??
    notPulled(containers, events) ??
    containers.map(notCreated).find((cause) => cause !== undefined) ??
    notMounted(events)
  );
}

function notAdmitted({ pods, events, kind }: Evidence): Cause | undefined {
  const message = events.findLast(({ reason }) => reason === "FailedCreate")?.message;
  if (pods.length > 0 || !message) return undefined;
  const why = message.replace(/^(\(combined from similar events\): )?(Error creating: )?/, "");
  if (/exceeded quota/.test(why))
    return {
      cause: `no pod was admitted, the namespace's quota is used up: ${why}`,
      remedy: "raise the quota, or ask for less",
    };
  return {
    cause: `no pod was admitted into the namespace: ${why}`,
    remedy: `change what the ${kind}'s pods ask for to what the namespace admits; the message names it`,
  };
}

function notScheduled({ pods, events }: Evidence): Cause | undefined {
  const scheduling = ({ status }: V1Pod) =>
    status?.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False");
  const pod = pods.find(scheduling);
  // A Job's deadline deletes its pods, but not their events.
  const deleted = pods.length === 0 && events.findLast(({ reason }) => reason === "FailedScheduling");
  const { message } = (pod ? scheduling(pod) : deleted || undefined) ?? {};
  if (!message) return undefined;
  const requests = pod?.spec?.containers.map(({ resources }) => quantities(resources?.requests)).join("; ");
  const insufficient = /Insufficient/.test(message);
  return {
    cause: `no node can run it: ${message.replace(/\.? (no new claims to deallocate, )?preemption:.*$/s, "")}${insufficient && requests ? ` (it asks for ${requests})` : ""}`,
    remedy:
      remedyFor(message, [
        [/Insufficient/, "ask for less (resources), or add nodes"],
        [/PersistentVolumeClaim|volume/, "look at the claim and its storage class"],
      ]) ?? "the message says what the nodes lack; change the pods or the nodes",
  };
}

const quantities = (requests: Record<string, string> = {}): string =>
  Object.entries(requests)
    .map(([name, quantity]) => `${name} ${quantity}`)
    .join(", ");

const pullFailures = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"];

function notPulled(containers: Container[], events: CoreV1Event[]): Cause | undefined {
  const unpulled = containers.find(({ status }) => pullFailures.includes(status.state?.waiting?.reason ?? ""));
  const failed = events.findLast(({ message }) => message?.startsWith("Failed to pull image"))?.message ?? "";
  // A pod that ended before it started no longer shows its waiting reason.
  const started = containers.some(
    ({ status }) => status.state?.running ?? status.lastState?.terminated ?? hasRun(status),
  );
  if (!unpulled && (started || failed === "")) return undefined;
  const image = unpulled?.spec?.image ?? unpulled?.status.image ?? /^Failed to pull image "(.*?)"/.exec(failed)?.[1];
  const messages = `${unpulled?.status.state?.waiting?.message} ${failed}`;
  const remedy = remedyFor(messages, [
    [
      /unauthorized|denied|forbidden|authorization/i,
      "let the cluster's nodes read that repository, or set a login for it (slipway:pullSecret)",
    ],
    [/not found|manifest unknown/i, "check that the registry still has it, and that the repository's name is right"],
    [/no such host|refused|timeout|unreachable|x509/i, "make the registry reachable from the cluster's nodes"],
  ]);
  return {
    cause: `its image can't be pulled: ${image}`,
    remedy: remedy ?? "the events below have the registry's answer",
  };
}

/** Whether a terminated container ever ran. */
const hasRun = ({ state }: V1ContainerStatus): boolean =>
  state?.terminated?.startedAt !== undefined && state.terminated.reason !== "ContainerStatusUnknown";

function notCreated({ status }: Container): Cause | undefined {
  const waiting = status.state?.waiting;
  if (waiting?.reason === "CreateContainerConfigError")
    return {
      cause: `container "${status.name}" can't be created: ${waiting.message}`,
      remedy: "create the Secret or ConfigMap that it names, or remove the reference",
    };
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  const unstarted = [waiting, ended].find((state) =>
    /RunContainerError|StartError|ContainerCannotRun/.test(state?.reason ?? ""),
  );
  if (!unstarted) return undefined;
  return {
    cause: `container "${status.name}" can't be started: ${ended?.message ?? unstarted.message}`,
    remedy: "check the command against what the image has",
  };
}

function notMounted(events: CoreV1Event[]): Cause | undefined {
  const last = events.at(-1);
  if (last?.reason !== "FailedMount" && last?.reason !== "FailedAttachVolume") return undefined;
  return {
    cause: `a volume can't be mounted: ${last.message}`,
    remedy: "look at the claim, Secret or ConfigMap that it names",
  };
}
