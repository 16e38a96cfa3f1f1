import type * as pulumi from "@pulumi/pulumi";
import { Backups, type BackupsArgs } from "./backups.ts";
import { Database, type DatabaseArgs, type DatabaseConnection } from "./database.ts";
import { ExternalDatabase, type ExternalDatabaseArgs } from "./external-database.ts";

/** Database of an application: in a container of its own, with or without backups, elsewhere, or none. */
export interface DatabasesArgs {
  readonly database?: Omit<DatabaseArgs, "namespace">;
  readonly backups?: Omit<BackupsArgs, "namespace" | "database">;
  readonly external?: Omit<ExternalDatabaseArgs, "namespace">;
}

/**
 * Starts the database of an application with its backups, or connects to the one elsewhere.
 *
 * @returns its connection, undefined without a database, and `closeEarlierLogins` of `Database`, which does nothing elsewhere
 */
export function startDatabase(
  namespace: pulumi.Input<string>,
  args: DatabasesArgs,
  opts: pulumi.ComponentResourceOptions,
): { readonly connection?: DatabaseConnection; closeEarlierLogins: Database["closeEarlierLogins"] } {
  if (args.external) {
    const { provider } = opts;
    const { connection } = new ExternalDatabase("database", { ...args.external, namespace }, { provider });
    return { connection, closeEarlierLogins: () => {} };
  }
  if (!args.database) return { closeEarlierLogins: () => {} };
  const database = new Database("database", { ...args.database, namespace }, opts);
  const { connection } = database;
  const backups = args.backups
    ? [new Backups("database-backups", { ...args.backups, namespace, database: connection }, opts)]
    : [];
  return {
    connection,
    closeEarlierLogins: (clients, serving, seconds) =>
      database.closeEarlierLogins([...clients, ...backups], serving, seconds),
  };
}
