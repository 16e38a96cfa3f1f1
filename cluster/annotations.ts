/** Annotations for the Kubernetes provider: https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ */

/**
 * For an object with a fixed name. A killed `up` may have created it without recording that; the next `up` adopts it.
 * With two field managers, the killed one would own its fields for ever, and a field that the program drops would stay.
 */
export const sameFieldManager = { "pulumi.com/patchFieldManager": "slipway" };

/**
 * For an object that something else waits for. The provider waits for a claim that binds with its first pod to be unbound.
 * Once it is bound, every change of it, even a larger size, would fail after five minutes.
 */
export const skipAwait = { "pulumi.com/skipAwait": "true" };

/** For all objects: overwrites fields that somebody changed by hand. A conflict would stop an urgent deployment. */
export const patchForce = { "pulumi.com/patchForce": "true" };

/** For a Job: replaces it after it failed. Otherwise each `up` would repeat the verdict of the last one. */
export const replaceUnready = { "pulumi.com/replaceUnready": "true" };
