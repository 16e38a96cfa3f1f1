import { z } from "zod";

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const commit = z.string().regex(/^([0-9a-f]{40,64}(-dirty)?|unknown)$/);
const contentKey = z.string().regex(/^[0-9a-f]{32}$/);

/** Schema of the stack output `verified`. */
export const verifiedSchema = z.record(
  z.string().regex(/^v\d+\.\d+$/),
  z.strictObject({
    digest,
    commit,
    /** Content key. Only a stack that builds knows it. */
    key: contentKey.optional(),
    /** Content key of the migrations, if the settings name their files. */
    migrations: contentKey.optional(),
    /** Digests of the attestations. Only a stack that builds attaches any. */
    records: z.strictObject({ sbom: digest, provenance: digest }).optional(),
  }),
);

/** Releases that were healthy on a stack, by name. */
export type Verified = z.infer<typeof verifiedSchema>;

/** Number of releases that a stack keeps. */
const limit = 50;

/** Adds a release, and drops the oldest beyond the limit. */
export function addVerified(earlier: Verified, name: string, release: Verified[string]): Verified {
  const all = { ...earlier, [name]: release };
  const names = newestFirst(all).slice(0, limit);
  return Object.fromEntries(names.map((each) => [each, all[each] as Verified[string]]));
}

/** Names of releases, the newest first: by their numbers, as the engine sorts the names by letters. */
export const newestFirst = (releases: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(releases).sort((a, b) => b.localeCompare(a, "en", { numeric: true }));

/** Name of the next release, as `v1.18` after `v1.17`. */
export const nextAfter = (name: string): string => name.replace(/\d+$/, (number) => String(Number(number) + 1));
