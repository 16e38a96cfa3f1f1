import { type Fields, isFields } from "../cli/fields.ts";
import type { State, Step } from "./preview.ts";

// biome-ignore lint/suspicious/noExplicitAny: the shape of a manifest depends on its kind
type Any = any;

/** The parts of a pod that a review reads. */
export interface Pod {
  readonly containers: readonly Any[];
  /** Names of the claims that it mounts. */
  readonly claims: readonly string[];
  readonly spec: Any;
}

/** Returns whether a step is about an object of Kubernetes. */
export const isManifest = ({ type }: Step): boolean => type.startsWith("kubernetes:");

/** Returns whether a step is about a kind that keeps pods running. */
export const keepsPods = (step: Step): boolean =>
  isManifest(step) && /^(Deployment|StatefulSet|DaemonSet|ReplicaSet|Pod)$/.test(step.kind);

/** Returns the template of an object's pods; a Pod is its own. */
export function podTemplateOf(kind: string, object: Fields): Any {
  const spec = mapping(object.spec);
  if (kind === "Pod") return object;
  return kind === "CronJob" ? spec.jobTemplate?.spec?.template : spec.template;
}

/** Returns the pod of a workload; undefined for a kind without pods. */
export function podOf(kind: string, state?: State): Pod | undefined {
  const spec = state && podTemplateOf(kind, state.inputs)?.spec;
  if (typeof spec !== "object" || spec === null) return undefined;
  const claims = array(spec.volumes).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  const templates = array(specOf(state).volumeClaimTemplates).map(({ metadata }) => String(metadata?.name));
  return { containers: array(spec.containers), claims: [...claims, ...templates], spec };
}

/** Returns the `spec` of an object, or an empty one. */
export const specOf = (state?: State): Any => mapping(state?.inputs.spec);

/** Returns the `metadata` of an object, or empty ones. */
export const metadataOf = (state?: State): Any => mapping(state?.inputs.metadata);

/** Returns the mappings of a list; nothing if the value is no list. */
export const array = (value: unknown): readonly Any[] => (Array.isArray(value) ? value.filter(isFields) : []);

const mapping = (value: unknown): Any => (isFields(value) ? value : {});
