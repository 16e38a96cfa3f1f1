import { z } from "zod";

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const commit = z.string().regex(/^([0-9a-f]{40,64}(-dirty)?|unknown)$/);
/** Content key, where the stack built the image itself; key of its migrations, where that stack knows which files they are. */
const key = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .optional();
/** Digests of the records that the registry keeps beside the image, where the stack built it itself. */
const records = z.strictObject({ sbom: digest, provenance: digest });
/** The record as an update writes it. */
export const record = z.record(
  z.string().regex(/^v\d+\.\d+$/),
  z.strictObject({ digest, commit, key, migrations: key, records: records.optional() }),
);

/** The releases that were healthy on a stack, by name: its output `verified`. */
export type Verified = z.infer<typeof record>;

/** How many of them a stack remembers. */
const remembered = 50;

/** The record with one more release; the oldest go where it gets longer than a stack remembers. */
export function addVerified(earlier: Verified, name: string, release: Verified[string]): Verified {
  const all = { ...earlier, [name]: release };
  return Object.fromEntries(
    newestFirst(all)
      .slice(0, remembered)
      .map((kept) => [kept, all[kept] as Verified[string]]),
  );
}

/** Names of the releases, the newest first: by their numbers, since the engine keeps the names in no other order. */
export const newestFirst = (releases: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(releases).sort((a, b) => b.localeCompare(a, "en", { numeric: true }));

/** The name with the next number. */
export const nextAfter = (name: string): string => name.replace(/\d+$/, (number) => String(Number(number) + 1));
