import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { bytes } from "../settings/quantity.ts";
import { UserError } from "../settings/user-error.ts";

const record = z.object({
  namespace: z.string(),
  claim: z.string(),
  database: z.string(),
  storage: z.string(),
  storageClass: z.string().optional(),
  postgres: z.int(),
  protect: z.boolean(),
  backups: z.object({ claim: z.string(), storage: z.string() }).optional(),
});

/**
 * Which data a stack keeps, and how: namespace and name of the claim, name of the database, size and class of the
 * volume, PostgreSQL's major version, whether it is protected, and where its backups are. The stack's output `data`.
 */
export type StackData = z.infer<typeof record>;

/** What decides about the data, as the settings have it. */
export interface DataSettings {
  readonly namespace: string;
  readonly database?: {
    readonly image: string;
    readonly name: string;
    readonly storage: string;
    readonly storageClass?: string;
    readonly protect: boolean;
    readonly backups?: { readonly storage?: string };
  };
}

/** The data that these settings ask for; undefined without a database. */
export function dataOf({ namespace, database }: DataSettings): StackData | undefined {
  if (!database) return undefined;
  const { image, name, storage, storageClass, protect, backups } = database;
  return {
    namespace,
    claim: "database-data",
    database: name,
    storage,
    storageClass,
    postgres: Number(/:(\d+)[^/]*$/.exec(image)?.[1]),
    protect,
    backups: backups && { claim: "database-backups", storage: backups.storage ?? storage },
  };
}

/** The data that the last `up` recorded in the stack's output `data`; undefined where it recorded none. */
export const recordedData = (output: unknown): StackData | undefined => record.safeParse(output).data;

/**
 * Refuses what would lose the data that the last `up` recorded: a claim that would be deleted, replaced or shrunk, or
 * that the new server could not read. Data goes by `pulumi destroy`, never by a changed setting, protected or not.
 *
 * @param output the stack's output `data`, undefined before its first `up`
 * @param next what the program is about to ask for
 * @throws UserError that names the data, every reason, and the way out
 */
export function refuseDataLoss(output: unknown, next: StackData | undefined): void {
  const earlier = recordedData(output);
  const reasons = earlier ? losses(earlier, next) : [];
  if (earlier && reasons.length > 0) throw new UserError(refusal(pulumi.getStack(), earlier, reasons));
}

/** Why the data would be lost, each a line with the setting, what it was, and what would happen; none where it would not. */
export function losses(earlier: StackData, next: StackData | undefined): string[] {
  if (!next) return ["slipway:database is gone: its volume would be deleted"];
  const reasons: string[] = [];
  const fixed = (setting: string, before: unknown, after: unknown, what: string) => {
    if (before !== after)
      reasons.push(`slipway:${setting} is ${after ?? "not set"}, it was ${before ?? "not set"}: ${what}`);
  };
  fixed(
    "namespace",
    earlier.namespace,
    next.namespace,
    "a volume belongs to its namespace, and would be deleted with it",
  );
  fixed(
    "database.name",
    earlier.database,
    next.database,
    "the application would look for its data in another database",
  );
  fixed(
    "database.storageClass",
    earlier.storageClass,
    next.storageClass,
    "the volume would be replaced by an empty one",
  );
  const major = `a server of version ${next.postgres} cannot read what version ${earlier.postgres} wrote`;
  fixed("database.image's major version", earlier.postgres, next.postgres, major);
  if (earlier.claim !== next.claim)
    reasons.push(
      `the claim would be ${next.claim}, it was ${earlier.claim}: the volume would be replaced by an empty one`,
    );
  const shrinks = (before: string, after: string) => bytes(after) < bytes(before);
  if (shrinks(earlier.storage, next.storage))
    fixed("database.storage", earlier.storage, next.storage, "a volume can grow, never shrink");
  if (earlier.backups && next.backups && shrinks(earlier.backups.storage, next.backups.storage))
    fixed("database.backups.storage", earlier.backups.storage, next.backups.storage, "a volume can grow, never shrink");
  if (earlier.protect && earlier.backups && !next.backups)
    reasons.push(
      "slipway:database.backups is gone: no more backups would be made (if that is meant, lift the protection first, as below)",
    );
  return reasons;
}

function refusal(stack: string, earlier: StackData, reasons: string[]): string {
  const kept = earlier.protect ? "protected data" : "data";
  const letGo = earlier.protect
    ? [
        "  Or, to give the data up: set it back, lift the protection with",
        `    pulumi config set --stack ${stack} --path slipway:database.protect false && pulumi up --stack ${stack}`,
        `  then pulumi destroy --stack ${stack}, which deletes it, and start anew.`,
      ]
    : [`  Or, to give the data up: set it back, pulumi destroy --stack ${stack}, which deletes it, and start anew.`];
  return [
    `refused, because stack ${stack} would lose its ${kept}: the database ${earlier.database} on the claim ` +
      `${earlier.claim} (${earlier.storage}) in namespace ${earlier.namespace}. Nothing was changed.`,
    ...reasons.map((reason) => `  - ${reason}`),
    `  To keep the data: set it back in Pulumi.${stack}.yaml.`,
    ...letGo,
    "",
  ].join("\n");
}
