/** The suffix of a name that the Kubernetes provider generates: a new one for each object that replaces another. */
const suffix = /-[0-9a-f]{8}$/;

/** Returns whether two values are generated names of the same resource of the program. */
export const isRegenerated = (left: unknown, right: unknown): boolean =>
  typeof left === "string" &&
  typeof right === "string" &&
  left !== right &&
  suffix.test(left) &&
  withoutSuffix(left) === withoutSuffix(right);

/** Returns a generated name without its suffix. */
export const withoutSuffix = (name: string): string => name.replace(suffix, "");
