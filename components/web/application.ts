import type * as k8s from "@pulumi/kubernetes";
import type { WebAppArgs } from "../web.ts";
import type { PodReferences } from "./pod.ts";

/** Arguments of web that hold for every process of its release. */
const shared = [
  "namespace",
  "image",
  "pullSecret",
  "release",
  "environment",
  "database",
  "clientLabels",
  "waitForRollout",
] as const satisfies (keyof WebAppArgs)[];
type SharedArgs = Pick<WebAppArgs, (typeof shared)[number]>;

/** Parts of an application that its processes and schedules share with web. */
export interface Application extends SharedArgs {
  /** Objects that every pod refers to. The service account is web's own. */
  readonly references: Omit<PodReferences, "account">;
  /** Migration that has to be complete before the image runs. @default none */
  readonly migration?: k8s.batch.v1.Job;
}

/** Returns the arguments that hold for every process, without those of web only. */
export const sharedArgs = (args: WebAppArgs): SharedArgs =>
  Object.fromEntries(shared.map((name) => [name, args[name]])) as unknown as SharedArgs;
