import { dnsLabel, flag, group, quantity, resources, text, whole } from "./building-blocks.ts";

const backups = group({
  schedule: text(
    "a cron expression of five fields, as in 0 3 * * *",
    /^[-*/,0-9]+( [-*/,0-9]+){2} [-*/,0-9A-Za-z]+ [-*/,0-9A-Za-z]+$/,
    "0 3 * * *",
  )
    .default("0 3 * * *")
    .describe("When to back up: a cron expression, in UTC."),
  keep: whole(1, 365, 7)
    .default(7)
    .describe("Number of backups to keep. The oldest is deleted only after a newer one passed its check."),
  storage: quantity("20Gi")
    .optional()
    .describe(
      "Size of the backups' volume. It needs room for all of them, one more, and the unpacked database for the check. It can grow, never shrink. Default: as database.storage.",
    ),
  staleHours: whole(1, 8760, 36).default(36).describe("Hours after which the newest backup counts as outdated."),
}).describe("Backups on a volume of their own, each checked by a restore. Default: no backups.");

/** The database. */
export const database = group({
  image: text(
    "an image whose tag begins with its version, as in postgres:17",
    /^[^\s:@]+(:[0-9]+)?(\/[^\s:@]+)*:[0-9]+([.-][\w.-]*)?(@sha256:[0-9a-f]{64})?$/,
    "postgres:17",
  ).describe(
    "Image that works like the official postgres image (Debian), version 16 or later. The tag begins with the version; a digest may follow.",
  ),
  // A restore keeps the old database as NAME_before_TIME, and PostgreSQL truncates names to 63 bytes.
  name: text(
    "at most 40 lower-case letters, digits and _, as in app; no name of PostgreSQL's own, as are postgres and pg_…",
    /^(?!pg_|(postgres|template[01]|public|none)$)[a-z_][a-z0-9_]{0,39}$/,
    "app",
  )
    .default("app")
    .describe("Name of the database, and of the role that owns it."),
  storage: quantity("20Gi").describe("Size of the volume. It can grow, never shrink."),
  storageClass: dnsLabel("gp3").optional().describe("Storage class of the volume. Default: the cluster's."),
  protect: flag().describe("Keep the data: it can be neither deleted nor replaced, not even by `pulumi destroy`."),
  resources: resources("100m", "1", "256Mi"),
  backups: backups.optional(),
}).describe("PostgreSQL in a container of its own, on a persistent volume. Default: no database.");
