import { patched } from "./patches.ts";
import type { Props, Resource } from "./rule.ts";
import { list } from "./unknown-values.ts";

/** A container of a pod. */
export interface Container {
  readonly name: string;
  readonly props: Props;
  /** Whether it starts before the others. */
  readonly init: boolean;
}

/** Where each kind keeps the description of its pods. */
const templates: Readonly<Record<string, (props: Props) => Props>> = {
  Pod: (props) => props.spec,
  PodTemplate: (props) => props.template?.spec,
  ...Object.fromEntries(
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"].map((kind) => [
      kind,
      (props: Props) => props.spec?.template?.spec,
    ]),
  ),
  CronJob: (props) => props.spec?.jobTemplate?.spec?.template?.spec,
};

/** The kind of a Kubernetes object, as in `Deployment`, of a patch that of what it changes; undefined for anything else. */
export function kindOf({ type }: Pick<Resource, "type">): string | undefined {
  return type.startsWith("kubernetes:")
    ? type
        .split(":")
        .at(-1)
        ?.replace(/(?<=.)Patch$/, "")
    : undefined;
}

/** Whether it sets some fields of an object that is there already, as a DeploymentPatch does: what it lacks is no fault. */
export const isPatch = ({ type }: Pick<Resource, "type">): boolean => /^kubernetes:.*[^:]Patch$/.test(type);

/** The pod that an object is or makes; undefined where it makes none. */
export function podOf(resource: Resource): Props | undefined {
  const pod = templates[kindOf(resource) ?? ""]?.(resource.props) ?? undefined;
  return pod && isPatch(resource) ? patched(pod) : pod;
}

/** All containers of the pod that an object is or makes. */
export function containersOf(resource: Resource): Container[] {
  const pod = podOf(resource);
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((field) =>
    list(pod?.[field]).map((props) => ({ name: String(props.name), props, init: field === "initContainers" })),
  );
}

/** What is wrong with each container. */
export const ofContainers = (resource: Resource, check: (container: Container) => readonly string[]): string[] =>
  containersOf(resource).flatMap((container) =>
    check(container).map((found) => `container ${container.name} ${found}`),
  );
