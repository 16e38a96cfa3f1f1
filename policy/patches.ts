import type { Props } from "./rule.ts";
import { list, unknown } from "./unknown-values.ts";

const some = { cpu: unknown, memory: unknown };

/** A container that no rule has anything against. */
const container = {
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

/** A pod of such containers. */
const pod = {
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
};

/**
 * The pod that a patch changes. What the patch leaves out is for those to answer for who made the object: here it is as
 * every rule wants it, so that a rule judges what the patch itself sets.
 */
export function patched(patch: Props): Props {
  const fields = ["initContainers", "containers", "ephemeralContainers"].filter((field) => patch[field]);
  const containers = fields.map((field) => [field, list(patch[field]).map((each) => over(container, each))]);
  return { ...over(pod, patch), ...Object.fromEntries(containers) };
}

/** Fields that are set, before those that are there; null sets none. */
export function over(there: Props, set: Props): Props {
  if (set === undefined || set === null) return there;
  if (!isMapping(there) || !isMapping(set)) return set;
  return {
    ...there,
    ...Object.fromEntries(Object.entries(set).map(([name, value]) => [name, over(there[name], value)])),
  };
}

const isMapping = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
