/**
 * Annotations of an object whose name is fixed. An `up` that was killed may have created it without recording that; the
 * next one takes it over under its name. Both apply it as the same field manager: otherwise the fields would belong to
 * the killed one as well, for ever, and none that the program leaves out later would go away.
 */
export const fixedName = { "pulumi.com/patchFieldManager": "slipway" };
