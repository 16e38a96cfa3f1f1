import type { z } from "zod";
import { ecr, owner } from "./aws.ts";
import { conflicts, dnsLabel, group, secrets, text } from "./building-blocks.ts";
import { cluster } from "./cluster.ts";
import { database } from "./database.ts";
import { buildSecrets, release } from "./release.ts";
import { web } from "./web.ts";

/** Environment variables that the program sets. */
const imageVariable = "SLIPWAY_IMAGE";
const databaseVariables = ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"];

const password = "a secret of 8 to 128 printable characters without spaces";

/** All settings of `Pulumi.STACK.yaml`, by key without `slipway:`. */
export const schema = group({
  cluster,
  namespace: dnsLabel("my-app").describe("Kubernetes namespace of this environment, created and owned by it."),
  release,
  ecr: ecr.optional(),
  owner: owner.optional(),
  web,
  database: database.optional(),
  databasePassword: text(password, /^[\x21-\x7e]{8,128}$/)
    .optional()
    .describe("Password of the database's role, stored encrypted. Required with slipway:database."),
  secrets: secrets("API_TOKEN").describe("Secret environment variables of the application; each stored encrypted."),
  buildSecrets,
}).superRefine(({ database, databasePassword, release, secrets, web }, ctx) => {
  const conflict = conflicts(ctx);
  if (database && !databasePassword) conflict("databasePassword", `${password} (there is a slipway:database)`);
  if (!database && databasePassword) conflict("databasePassword", "nothing, if there is no slipway:database");
  if (release.build?.migrations && !web.migrate)
    conflict(["release", "build", "migrations"], "nothing, if there is no slipway:web.migrate");
  const reserved = database ? [imageVariable, ...databaseVariables] : [imageVariable];
  for (const name of reserved) {
    if (name in web.environment) conflict(["web", "environment", name], "nothing: the program sets it itself");
    if (name in secrets) conflict(["secrets", name], "nothing: the program sets it itself");
  }
  for (const name of Object.keys(secrets).filter((name) => name in web.environment))
    conflict(["web", "environment", name], `nothing, if slipway:secrets has ${name}`);
});

/** The settings of one environment, complete with defaults. */
export type Settings = z.output<typeof schema>;

/** Keys whose values have to be stored encrypted (`pulumi config set --secret`). */
export const secretKeys: readonly string[] = ["databasePassword", "secrets", "buildSecrets"];
