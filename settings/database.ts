import { z } from "zod";
import { dnsLabel, group, quantity, resources, text, whole } from "./building-blocks.ts";

/** What can be set of the database. */

const backups = group({
  schedule: text(
    "a cron expression of five fields, as in 0 3 * * *",
    /^[-*/,0-9]+( [-*/,0-9]+){2} [-*/,0-9A-Za-z]+ [-*/,0-9A-Za-z]+$/,
    "0 3 * * *",
  )
    .default("0 3 * * *")
    .describe("When to make one: a cron expression, in UTC."),
  keep: whole(1, 365, 7)
    .default(7)
    .describe("How many to keep; the oldest goes only once a newer one has passed its check."),
  storage: quantity("20Gi")
    .optional()
    .describe(
      "Size of their volume: room for all of them, for one more, and for the database once more, unpacked for the check (default: as database.storage). It can grow, never shrink.",
    ),
  staleHours: whole(1, 8760, 36).default(36).describe("Hours after which the newest one counts as outdated."),
}).describe(
  "Dumps of the database on a volume of their own, each checked by bringing it back (default: none are made).",
);

export const database = group({
  image: text(
    "an image whose tag begins with its version, as in postgres:17",
    /^[^\s:@]+(:[0-9]+)?(\/[^\s:@]+)*:[0-9]+([.-][\w.-]*)?(@sha256:[0-9a-f]{64})?$/,
    "postgres:17",
  ).describe(
    "Image that keeps the contract of the official postgres image (Debian's), version 16 or later, with its version as the tag; a digest may follow.",
  ),
  // What a backup replaces is kept as NAME_before_TIME, and PostgreSQL cuts names off after 63 bytes.
  name: text(
    "at most 40 lower-case letters, digits and _, as in app; no name of PostgreSQL's own, as are postgres and pg_…",
    /^(?!pg_|(postgres|template[01]|public|none)$)[a-z_][a-z0-9_]{0,39}$/,
    "app",
  )
    .default("app")
    .describe("Name of the database and of the role that owns it."),
  storage: quantity("20Gi").describe("Size of the volume. It can grow, never shrink."),
  storageClass: dnsLabel("gp3").optional().describe("Storage class of the volume (default: the cluster's)."),
  protect: z
    .boolean({ error: "true or false" })
    .default(false)
    .meta({ examples: [true] })
    .describe("Keep the data whatever happens: it can be neither deleted nor replaced, `pulumi destroy` included."),
  resources: resources("100m", "1", "256Mi"),
  backups: backups.optional(),
}).describe(
  "PostgreSQL in a container of its own, on a persistent volume (default: an application without a database).",
);
