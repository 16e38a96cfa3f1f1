import type { Fields } from "../cli/fields.ts";
import type { Policies } from "./policies.ts";

/** A resource before or after a step. */
export interface State {
  /** False for a component. */
  readonly custom: boolean;
  readonly inputs: Fields;
  readonly outputs: Fields;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
}

/** One operation on one resource. */
export interface Step {
  /** Unique within a stack. */
  readonly urn: string;
  /** `drift` is a change made outside Pulumi. */
  readonly op: "create" | "update" | "replace" | "delete" | "same" | "drift";
  /** Pulumi's type, as in `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** The last part of the type, as in `Deployment`. */
  readonly kind: string;
  /** Name in the program. */
  readonly name: string;
  readonly before?: State;
  readonly after?: State;
  /** Whether a replacement deletes the old resource before it creates the new one. */
  readonly deleteFirst: boolean;
  /** Whether a refresh did not find it, because somebody deleted it. */
  readonly missing: boolean;
  /** Paths that Pulumi calls changed: the only sign of a changed secret. */
  readonly changedPaths: readonly string[];
}

/** The preview of one environment. */
export interface Preview {
  readonly environment: string;
  /** Sorted by URN, because the order of Pulumi's output varies. */
  readonly steps: readonly Step[];
  /** Error messages; empty if the preview succeeded. */
  readonly failures: readonly string[];
  /** Number of resources that do not change. */
  readonly unchanged: number;
  /** Whether the environment does not exist yet. */
  readonly isNew: boolean;
  /** @default no policy was evaluated */
  readonly policies?: Policies;
}
