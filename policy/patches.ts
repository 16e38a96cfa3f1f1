import type { Props } from "./rule.ts";
import { list, unknown } from "./unknown-values.ts";

const some = { cpu: unknown, memory: unknown };

/** Container that violates no rule. */
const compliantContainer = {
  image: unknown,
  readinessProbe: {},
  livenessProbe: {},
  resources: { requests: some, limits: some },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
};

/** Pod that violates no rule. */
const compliantPod = {
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
};

/** Completes the pod of a patch with compliant values, so that rules check only what the patch sets. */
export function completePod(patch: Props): Props {
  const fields = ["initContainers", "containers", "ephemeralContainers"].filter((field) => patch[field]);
  const containers = fields.map((field) => [field, list(patch[field]).map((each) => merge(compliantContainer, each))]);
  return { ...merge(compliantPod, patch), ...Object.fromEntries(containers) };
}

/** Merges fields of a patch into defaults; null in a patch sets nothing. */
export function merge(defaults: Props, patch: Props): Props {
  if (patch === undefined || patch === null) return defaults;
  if (!isMapping(defaults) || !isMapping(patch)) return patch;
  const merged = Object.entries(patch).map(([name, value]) => [name, merge(defaults[name], value)]);
  return { ...defaults, ...Object.fromEntries(merged) };
}

const isMapping = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
