import { z } from "zod";
import { conflicts, dnsLabel, flag, group, quantity, resources, text, uniqueList, whole } from "./building-blocks.ts";
import { cron, longestGapHours } from "./cron.ts";
import { dnsSubdomain, versionedImage } from "./names.ts";

const backups = group({
  schedule: cron("0 3 * * *").default("0 3 * * *").describe("When to back up: a cron expression, in UTC."),
  keep: whole(1, 365, 7)
    .default(7)
    .describe("Number of backups to keep. The oldest is deleted only after a newer one passed its check."),
  storage: quantity("20Gi")
    .optional()
    .describe(
      "Size of the backups' volume. It needs room for all of them, one more, and the unpacked database for the check. It can grow, never shrink. Default: as database.storage.",
    ),
  staleHours: whole(1, 8760, 36).default(36).describe("Hours after which the newest backup counts as outdated."),
})
  .superRefine(({ schedule, staleHours }, ctx) => {
    const hours = longestGapHours(schedule);
    if (hours !== undefined && staleHours <= hours)
      conflicts(ctx)(
        "staleHours",
        `more than the ${Math.ceil(hours)} hours that can pass between two backups by their schedule`,
      );
  })
  .describe("Backups on a volume of their own, each checked by a restore. Default: no backups.");

// A restore keeps the old database as NAME_before_TIME, and PostgreSQL truncates names to 63 bytes.
const databaseName = (example: string) =>
  text(
    `at most 40 lower-case letters, digits and _, as in ${example}; no name of PostgreSQL's own, as are postgres and pg_…`,
    /^(?!pg_|(postgres|template[01]|public|none)$)[a-z_][a-z0-9_]{0,39}$/,
    example,
  );

/** A database in a container of its own. */
export const database = group({
  image: versionedImage("postgres:17").describe(
    "Image that works like the official postgres image (Debian), version 16 or later. The tag begins with the version; a digest may follow.",
  ),
  name: databaseName("app").default("app").describe("Name of the database, and of the role that owns it."),
  databases: uniqueList("names of databases, as in [queue, cache]", databaseName("queue"), ["queue", "cache"])
    .optional()
    .describe(
      "Further databases of the same owner on the same server, reached by their names. One that is no longer listed stays on the volume, closed. A changed list restarts the server. Default: none.",
    ),
  storage: quantity("20Gi").describe("Size of the volume. It can grow, never shrink."),
  storageClass: dnsSubdomain("gp3").optional().describe("Storage class of the volume. Default: the cluster's."),
  protect: flag().describe("Keep the data: it can be neither deleted nor replaced, not even by `pulumi destroy`."),
  resources: resources("100m", "1", "256Mi"),
  backups: backups.optional(),
})
  .refine(({ name, databases = [] }) => !databases.some((other) => [name, `${name}_restoring`].includes(other)), {
    path: ["databases"],
    error: "other names than that of slipway:database.name, with or without _restoring at its end",
  })
  .refine(({ databases, backups }) => !databases || !backups, {
    path: ["databases"],
    error: "nothing, if slipway:database.backups is set: backups have the one database of slipway:database.name only",
  });

const host = z.union([z.hostname(), z.ipv4(), z.ipv6()], {
  error: "a host name or an IP address, as in db.example.com",
});
const modes = ["verify-full", "verify-ca", "require", "disable"] as const;

const tls = group({
  mode: z
    .enum(modes, { error: `one of ${modes.join(", ")}` })
    .meta({ examples: ["verify-full"] })
    .default("verify-full")
    .describe(
      "Check of the server's certificate, the variable PGSSLMODE: its name too, its authority only, none, or no encryption.",
    ),
  ca: text(
    "certificates as PEM text, from -----BEGIN CERTIFICATE----- on",
    /^\s*(-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----\s*)+$/,
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
  )
    .optional()
    .describe(
      "Certificates of the authorities that may have signed it, in the file that the variable PGSSLROOTCERT names. Default: the image's own (libpq 16 or later).",
    ),
})
  .refine(({ mode, ca }) => !ca || mode !== "disable", {
    path: ["ca"],
    error: "nothing, if slipway:database.external.tls.mode is disable",
  })
  .prefault({})
  .describe("Encryption of the connections. Default: the server's certificate and name are checked.");

const external = group({
  host: host
    .meta({ examples: ["db.example.com"] })
    .describe("Host name or IP address of the server, the variable PGHOST."),
  port: whole(1, 65535, 5432).default(5432).describe("Port of the server."),
  name: text("at most 63 letters, digits, _ and -, as in shop", /^[A-Za-z0-9_-]{1,63}$/, "shop").describe(
    "Name of the database. It has to exist.",
  ),
  user: text("at most 63 letters, digits, _, . and -, as in shop", /^[A-Za-z0-9_.-]{1,63}$/, "shop").describe(
    "Role to log in as, with the password of slipway:databasePassword.",
  ),
  addresses: uniqueList(
    "ranges of addresses and namespaces, as in [10.0.0.5/32]",
    z.union([z.cidrv4(), z.cidrv6(), dnsLabel("databases")], {
      error: "a range of addresses, as in 10.0.0.5/32, or the name of a namespace, as in databases",
    }),
    ["10.0.0.5/32"],
  )
    .min(1, { error: "at least one range of addresses or namespace" })
    .describe(
      "Where the server is: ranges of addresses, or a namespace of the cluster. Network policies know no host names, so nothing else opens the way.",
    ),
  tls,
}).describe(
  "Database of another server, with no container here: nothing is created, backed up or protected there. Default: a container.",
);

/** Refuses the settings of the container, each by its name. */
const nothingOfContainer = Object.fromEntries(
  Object.keys(database.shape).map((key) => [
    key,
    z.never({ error: "nothing, if slipway:database.external is set" }).optional(),
  ]),
) as Record<keyof typeof database.shape, z.ZodOptional<z.ZodNever>>;

/** Where the database is: in a container of its own, or elsewhere. */
export const anyDatabase = z
  .union([database, group({ ...nothingOfContainer, external })], { error: "a mapping with settings of its own" })
  .describe("PostgreSQL in a container of its own, on a persistent volume, or elsewhere. Default: no database.");

/** Settings of a database in a container of its own. */
export type ContainerDatabase = z.output<typeof database>;

/** Settings of a database elsewhere. */
export type ExternalDatabase = z.output<typeof external>;
