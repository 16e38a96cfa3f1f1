import type { z } from "zod";
import { accessories, accessoryConflicts, accessorySecrets } from "./accessories.ts";
import { ecr, owner } from "./aws.ts";
import { conflicts, group, secrets, text } from "./building-blocks.ts";
import { cluster } from "./cluster.ts";
import { anyDatabase } from "./database.ts";
import { refuseLargeEnvironments } from "./environment-size.ts";
import { ownNamespace } from "./names.ts";
import { addressConflicts, processes } from "./processes.ts";
import { pullSecret } from "./pull-secret.ts";
import { referenceConflicts } from "./reference-conflicts.ts";
import { buildSecrets, release } from "./release.ts";
import { schedules } from "./schedules.ts";
import { ownersOf, volumeConflicts } from "./volumes.ts";
import { web } from "./web.ts";

/** Environment variables that the program sets. */
const imageVariable = "SLIPWAY_IMAGE";
const databaseVariables = ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSWORD_URL"];
const tlsVariables = ["PGSSLMODE", "PGSSLROOTCERT"];

const password = "a secret of 8 to 128 printable characters without spaces";

/** All settings of `Pulumi.STACK.yaml`, by key without `slipway:`. */
export const schema = group({
  cluster,
  namespace: ownNamespace("my-app").describe("Kubernetes namespace of this environment, created and owned by it."),
  release,
  pullSecret: pullSecret.optional(),
  ecr: ecr.optional(),
  owner: owner.optional(),
  web,
  processes,
  schedules,
  accessories,
  accessorySecrets,
  database: anyDatabase.optional(),
  databasePassword: text(password, /^[\x21-\x7e]{8,128}$/)
    .optional()
    .describe(
      "Password of the database's role, stored encrypted. Required with slipway:database. If it has other characters than letters, digits and - . _ ~, URLs need $(PGPASSWORD_URL) instead of $(PGPASSWORD).",
    ),
  secrets: secrets("API_TOKEN").describe("Secret environment variables of the application; each stored encrypted."),
  buildSecrets,
}).superRefine((settings, ctx) => {
  const { accessories, database, databasePassword, processes, release, schedules, secrets, web } = settings;
  const conflict = conflicts(ctx);
  if (database && !databasePassword) conflict("databasePassword", `${password} (there is a slipway:database)`);
  if (!database && databasePassword) conflict("databasePassword", "nothing, if there is no slipway:database");
  if (release.build?.migrations && !web.migrate)
    conflict(["release", "build", "migrations"], "nothing, if there is no slipway:web.migrate");
  addressConflicts(processes, web.host, conflict);
  for (const name of Object.keys(schedules).filter((name) => Object.hasOwn(processes, name)))
    conflict(["schedules", name], "nothing of that name, as slipway:processes has it already");
  for (const name of Object.keys(accessories))
    for (const [setting, others] of Object.entries({ processes, schedules }))
      if (Object.hasOwn(others, name))
        conflict(["accessories", name], `nothing of that name, as slipway:${setting} has it already`);
  accessoryConflicts(settings, conflict);
  volumeConflicts(ownersOf(settings), database, conflict);
  const ofDatabase = database ? [...databaseVariables, ...("external" in database ? tlsVariables : [])] : [];
  const reserved = [imageVariable, ...ofDatabase];
  for (const name of reserved) {
    if (Object.hasOwn(web.environment, name))
      conflict(["web", "environment", name], "nothing: the program sets it itself");
    if (Object.hasOwn(secrets, name)) conflict(["secrets", name], "nothing: the program sets it itself");
  }
  referenceConflicts(settings, conflict);
  refuseLargeEnvironments(settings, conflict);
  for (const name of Object.keys(secrets).filter((name) => Object.hasOwn(web.environment, name)))
    conflict(["web", "environment", name], `nothing, if slipway:secrets has ${name}`);
});

/** The settings of one environment, complete with defaults. */
export type Settings = z.output<typeof schema>;

/** Keys whose values have to be stored encrypted (`pulumi config set --secret`). */
export const secretKeys: readonly string[] = [
  "databasePassword",
  "secrets",
  "buildSecrets",
  "accessorySecrets",
  "pullSecret",
];
