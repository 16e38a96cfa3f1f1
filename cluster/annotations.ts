/** Annotations by which the Kubernetes provider is told what to do with an object: https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ */

/**
 * For an object whose name is fixed. An `up` that was killed may have created it without recording that; the
 * next one takes it over under its name. Both apply it as the same field manager: otherwise the fields would belong to
 * the killed one as well, for ever, and none that the program leaves out later would go away.
 */
export const sameFieldManager = { "pulumi.com/patchFieldManager": "slipway" };

/**
 * For what something else waits for. A claim of a class that binds with the first pod is waited for until it is unbound, in
 * vain once it is bound: every change of it, growing too, would fail after five minutes.
 */
export const skipAwait = { "pulumi.com/skipAwait": "true" };

/** For all objects: takes back fields that somebody changed by hand. A conflict about them would stop an urgent deployment. */
export const patchForce = { "pulumi.com/patchForce": "true" };

/** For a Job: made again after it has failed. Otherwise an `up` would repeat the verdict of the last one for ever. */
export const replaceUnready = { "pulumi.com/replaceUnready": "true" };
