import type { StackFile } from "../../../settings/stack-files.ts";

/** Stack file with only a release. */
export const stackFile = (stack: string, release: object): StackFile => ({
  stack,
  path: `Pulumi.${stack}.yaml`,
  text: "",
  config: { "slipway:release": release },
});

/** Stack files of a stack that builds, and of two that promote. */
export const files = [
  stackFile("test", { name: "v1.3", build: { context: "app" } }),
  stackFile("staging", { name: "v1.2", promoteFrom: "test" }),
  stackFile("prod", { name: "v1.2", promoteFrom: "staging" }),
];
