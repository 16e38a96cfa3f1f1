import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { bytes } from "../settings/quantity.ts";
import { UserError } from "../settings/user-error.ts";
import { claimsOf, isProtected, type Owners } from "../settings/volumes.ts";

const backupSchema = z.object({ claim: z.string(), storage: z.string() });
const claimSchema = backupSchema.extend({ storageClass: z.string().optional() });

/** A volume, with its setting for messages. */
const volumeSchema = claimSchema.extend({ setting: z.string(), access: z.string() });

const databaseSchema = claimSchema.extend({
  database: z.string(),
  postgres: z.int(),
  backups: backupSchema.optional(),
});

const keptSchema = z.object({ namespace: z.string(), protect: z.boolean() });

const dataSchema = z.union([
  keptSchema.extend({ ...databaseSchema.shape, volumes: z.array(volumeSchema).optional() }),
  keptSchema.extend({ volumes: z.array(volumeSchema) }),
]);

/** A stack's data: the database on its volume, its backups, and the volumes of the application. The stack's output `data`. */
export type StackData = z.infer<typeof dataSchema>;

/** The part of a stack's data that belongs to its database. */
type DatabaseData = z.infer<typeof databaseSchema>;

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

/**
 * The data of these settings.
 *
 * @param owners everything that may have volumes @default nothing
 * @returns undefined without a database and without volumes that outlive their pods
 */
export function dataOf({ namespace, database }: DataSettings, owners: Owners = {}): StackData | undefined {
  const claims = claimsOf(owners);
  const protect = isProtected(database, owners);
  if (!database) return claims.length > 0 ? { namespace, protect, volumes: claims } : undefined;
  const { image, name, storage, storageClass, backups } = database;
  return {
    namespace,
    claim: "database-data",
    database: name,
    storage,
    storageClass,
    postgres: Number(/:(\d+)[^/]*$/.exec(image)?.[1]),
    protect,
    backups: backups && { claim: "database-backups", storage: backups.storage ?? storage },
    // Without volumes, the output stays that of earlier versions.
    ...(claims.length > 0 && { volumes: claims }),
  };
}

/** Parses a stack's output `data`. @returns undefined if there is none */
export const parseData = (output: unknown): StackData | undefined => dataSchema.safeParse(output).data;

/** The part of the data that belongs to the database; undefined without one. */
const databaseIn = (data: StackData | undefined): DatabaseData | undefined =>
  data && "database" in data ? data : undefined;

/**
 * Refuses settings that would delete, replace or shrink the volumes of the last update, or start a server that can't read
 * its own. Only `pulumi destroy` deletes data, protected or not.
 *
 * @param earlier data of the last update; undefined before the first one
 * @throws UserError with the data, every reason, and how to keep it or give it up
 */
export function refuseDataLoss(earlier: StackData | undefined, next: StackData | undefined): void {
  const reasons = earlier ? losses(earlier, next) : [];
  if (earlier && reasons.length > 0) throw new UserError(refusal(pulumi.getStack(), earlier, reasons));
}

/** A volume of both updates, with the setting of its size. */
interface KeptVolume {
  readonly setting: string;
  readonly claim: string;
  readonly from: string;
  readonly to: string;
}

/** The volumes of both updates. */
export function volumesOf(earlier: StackData, next: StackData): KeptVolume[] {
  const [before, after] = [databaseIn(earlier), databaseIn(next)];
  const kept: KeptVolume[] = [];
  if (before && after)
    kept.push({ setting: "slipway:database.storage", claim: after.claim, from: before.storage, to: after.storage });
  if (before?.backups && after?.backups) {
    const { claim, storage: to } = after.backups;
    kept.push({ setting: "slipway:database.backups.storage", claim, from: before.backups.storage, to });
  }
  for (const { claim, storage: from } of earlier.volumes ?? []) {
    const same = next.volumes?.find((each) => each.claim === claim);
    if (same) kept.push({ setting: `${same.setting}.storage`, claim, from, to: same.storage });
  }
  return kept;
}

/** Reasons for which data would be lost, each a line with the setting, its values, and the consequence. */
export function losses(earlier: StackData, next: StackData | undefined): string[] {
  const [before, after] = [databaseIn(earlier), databaseIn(next)];
  const reasons = [
    ...(before && !after ? ["slipway:database is gone, or elsewhere: its volume would be deleted"] : []),
    ...(next ? changed("namespace", earlier.namespace, next.namespace, movedNamespace) : []),
    ...(before && after ? databaseLosses(before, after) : []),
    ...volumeLosses(earlier.volumes ?? [], next?.volumes ?? []),
  ];
  for (const { setting, from, to } of next ? volumesOf(earlier, next) : [])
    if (bytes(to) < bytes(from)) reasons.push(`${setting} is ${to}, it was ${from}: a volume can grow, never shrink`);
  if (earlier.protect && before?.backups && after && !after.backups)
    reasons.push(
      "slipway:database.backups is gone: no more backups would be made (if that is meant, lift the protection first, as below)",
    );
  return reasons;
}

const movedNamespace = "a volume belongs to its namespace, and would be deleted with it";
const otherDatabase = "the application would look for its data in another database";
const emptied = "the volume would be replaced by an empty one";

/** A setting that may not change. */
const changed = (setting: string, before: unknown, after: unknown, consequence: string): string[] =>
  before === after
    ? []
    : [`slipway:${setting} is ${after ?? "not set"}, it was ${before ?? "not set"}: ${consequence}`];

function databaseLosses(before: DatabaseData, after: DatabaseData): string[] {
  const cannotRead = `a server of version ${after.postgres} cannot read what version ${before.postgres} wrote`;
  return [
    ...changed("database.name", before.database, after.database, otherDatabase),
    ...changed("database.storageClass", before.storageClass, after.storageClass, emptied),
    ...changed("database.image's major version", before.postgres, after.postgres, cannotRead),
    ...(before.claim === after.claim ? [] : [`the claim would be ${after.claim}, it was ${before.claim}: ${emptied}`]),
  ];
}

type Volumes = NonNullable<StackData["volumes"]>;

function volumeLosses(earlier: Volumes, next: Volumes): string[] {
  return earlier.flatMap((before) => {
    const after = next.find(({ claim }) => claim === before.claim);
    if (!after)
      return [
        `${before.setting} is gone, or its name is another: its volume, the claim ${before.claim}, would be deleted`,
      ];
    const setting = after.setting.replace("slipway:", "");
    return [
      ...changed(`${setting}.storageClass`, before.storageClass, after.storageClass, emptied),
      ...changed(`${setting}.access`, before.access, after.access, emptied),
    ];
  });
}

/** The data in words, with the claims that hold it. */
function inWords(data: StackData): string {
  const database = databaseIn(data);
  const volumes = (data.volumes ?? []).map(({ claim, storage }) => `${claim} (${storage})`);
  return [
    database && `the database ${database.database} on the claim ${database.claim} (${database.storage})`,
    volumes.length > 0 && `the ${volumes.length === 1 ? "volume" : "volumes"} ${volumes.join(", ")}`,
  ]
    .filter(Boolean)
    .join(", and ");
}

function refusal(stack: string, earlier: StackData, reasons: string[]): string {
  const lost = earlier.protect ? "protected data" : "data";
  const setting = databaseIn(earlier) ? "slipway:database.protect" : `'${earlier.volumes?.[0]?.setting}.protect'`;
  const giveUp = earlier.protect
    ? [
        "  Or, to give the data up: set it back, lift the protection with",
        `    pulumi config set --stack ${stack} --path ${setting} false && pulumi up --stack ${stack}`,
        `  then pulumi destroy --stack ${stack}, which deletes it, and start again.`,
      ]
    : [`  Or, to give the data up: set it back, pulumi destroy --stack ${stack}, which deletes it, and start again.`];
  return [
    `refused, because stack ${stack} would lose its ${lost}: ${inWords(earlier)} in namespace ${earlier.namespace}. Nothing was changed.`,
    ...reasons.map((reason) => `  - ${reason}`),
    `  To keep the data: set it back in Pulumi.${stack}.yaml.`,
    ...giveUp,
    "",
  ].join("\n");
}
