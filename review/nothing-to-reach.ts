/** Stands in for reachable.ts while an environment is rendered: no cluster, registry or builder is spoken to. */
export const checkReachable = async (): Promise<void> => {};
