import type { Fields } from "../cli/fields.ts";
import type { State, Step } from "./preview.ts";

// biome-ignore lint/suspicious/noExplicitAny: manifests of any kind, whose shape only the kind tells
type Any = any;

/** A pod's parts that a review looks at. */
export interface Pod {
  readonly containers: readonly Any[];
  /** Names of the claims that it mounts. */
  readonly claims: readonly string[];
  readonly spec: Any;
}

/** Whether it is an object of Kubernetes' own kinds, or of an extension's. */
export const isManifest = ({ type }: Step): boolean => type.startsWith("kubernetes:");

/** The kinds that keep pods running. */
export const keepsPods = (step: Step): boolean =>
  isManifest(step) && /^(Deployment|StatefulSet|DaemonSet|ReplicaSet|Pod)$/.test(step.kind);

/** The pod of a workload; undefined for what has none. */
export function podOf(kind: string, state?: State): Pod | undefined {
  const spec = specOf(state);
  const pod = kind === "Pod" ? spec : kind === "CronJob" ? spec.jobTemplate?.spec?.template?.spec : spec.template?.spec;
  if (typeof pod !== "object" || pod === null) return undefined;
  const claims = array(pod.volumes).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  const own = array(spec.volumeClaimTemplates).map(({ metadata }) => String(metadata?.name));
  return { containers: array(pod.containers), claims: [...claims, ...own], spec: pod };
}

/** The `spec` of an object; empty where it has none. */
export const specOf = (state?: State): Any => (isFields(state?.inputs.spec) ? state.inputs.spec : {});

/** The `metadata` of an object; empty where it has none. */
export const metadataOf = (state?: State): Any => (isFields(state?.inputs.metadata) ? state.inputs.metadata : {});

/** A list, where it is one. */
export const array = (value: unknown): readonly Any[] =>
  Array.isArray(value) ? value.filter((each) => isFields(each)) : [];

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
