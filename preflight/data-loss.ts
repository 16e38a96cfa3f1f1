import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { bytes } from "../settings/quantity.ts";
import { UserError } from "../settings/user-error.ts";

const dataSchema = z.object({
  namespace: z.string(),
  claim: z.string(),
  database: z.string(),
  storage: z.string(),
  storageClass: z.string().optional(),
  postgres: z.int(),
  protect: z.boolean(),
  backups: z.object({ claim: z.string(), storage: z.string() }).optional(),
});

/** A stack's data: the volume, the database on it, and its backups. The stack's output `data`. */
export type StackData = z.infer<typeof dataSchema>;

/** The settings that decide about the data. */
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

/** The data of these settings. @returns undefined without a database */
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

/** Parses a stack's output `data`. @returns undefined if there is none */
export const parseData = (output: unknown): StackData | undefined => dataSchema.safeParse(output).data;

/**
 * Refuses settings that would delete, replace or shrink the volume of the last update, or start a server that can't read
 * it. Only `pulumi destroy` deletes data, protected or not.
 *
 * @param earlier data of the last update; undefined before the first one
 * @throws UserError with the data, every reason, and how to keep it or give it up
 */
export function refuseDataLoss(earlier: StackData | undefined, next: StackData | undefined): void {
  const reasons = earlier ? losses(earlier, next) : [];
  if (earlier && reasons.length > 0) throw new UserError(refusal(pulumi.getStack(), earlier, reasons));
}

/** The volumes of both updates, each with the setting of its size. */
export function volumesOf(earlier: StackData, next: StackData) {
  const data = { setting: "slipway:database.storage", claim: next.claim, from: earlier.storage, to: next.storage };
  if (!earlier.backups || !next.backups) return [data];
  const { claim, storage: to } = next.backups;
  return [data, { setting: "slipway:database.backups.storage", claim, from: earlier.backups.storage, to }];
}

/** Reasons for which the data would be lost, each a line with the setting, its values, and the consequence. */
export function losses(earlier: StackData, next: StackData | undefined): string[] {
  if (!next) return ["slipway:database is gone: its volume would be deleted"];
  const fixed: [setting: string, before: unknown, after: unknown, consequence: string][] = [
    ["namespace", earlier.namespace, next.namespace, "a volume belongs to its namespace, and would be deleted with it"],
    ["database.name", earlier.database, next.database, "the application would look for its data in another database"],
    ["database.storageClass", earlier.storageClass, next.storageClass, "the volume would be replaced by an empty one"],
    [
      "database.image's major version",
      earlier.postgres,
      next.postgres,
      `a server of version ${next.postgres} cannot read what version ${earlier.postgres} wrote`,
    ],
  ];
  const reasons = fixed.flatMap(([setting, before, after, consequence]) =>
    before === after
      ? []
      : [`slipway:${setting} is ${after ?? "not set"}, it was ${before ?? "not set"}: ${consequence}`],
  );
  if (earlier.claim !== next.claim)
    reasons.push(
      `the claim would be ${next.claim}, it was ${earlier.claim}: the volume would be replaced by an empty one`,
    );
  for (const { setting, from, to } of volumesOf(earlier, next))
    if (bytes(to) < bytes(from)) reasons.push(`${setting} is ${to}, it was ${from}: a volume can grow, never shrink`);
  if (earlier.protect && earlier.backups && !next.backups)
    reasons.push(
      "slipway:database.backups is gone: no more backups would be made (if that is meant, lift the protection first, as below)",
    );
  return reasons;
}

function refusal(stack: string, earlier: StackData, reasons: string[]): string {
  const lost = earlier.protect ? "protected data" : "data";
  const giveUp = earlier.protect
    ? [
        "  Or, to give the data up: set it back, lift the protection with",
        `    pulumi config set --stack ${stack} --path slipway:database.protect false && pulumi up --stack ${stack}`,
        `  then pulumi destroy --stack ${stack}, which deletes it, and start again.`,
      ]
    : [`  Or, to give the data up: set it back, pulumi destroy --stack ${stack}, which deletes it, and start again.`];
  return [
    `refused, because stack ${stack} would lose its ${lost}: the database ${earlier.database} on the claim ` +
      `${earlier.claim} (${earlier.storage}) in namespace ${earlier.namespace}. Nothing was changed.`,
    ...reasons.map((reason) => `  - ${reason}`),
    `  To keep the data: set it back in Pulumi.${stack}.yaml.`,
    ...giveUp,
    "",
  ].join("\n");
}
