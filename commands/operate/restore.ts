import { createInterface } from "node:readline/promises";
import { setTimeout } from "node:timers/promises";
import { UserError } from "../../settings/user-error.ts";
import { readArguments, required, stackOption } from "../cli/arguments.ts";
import { runMain } from "../cli/run-main.ts";
import { type Backup, chooseBackup, describeBackup, parseBackups } from "./backup-state.ts";
import { type Target, targetOf } from "./target.ts";

const usage = `npm run restore -- -s STACK [BACKUP] [--yes]
  Restores a backup into the stack's database: the newest one, or BACKUP. Asks before it changes anything, unless --yes is
  given. The current database stays under another name.`;

// biome-ignore lint/suspicious/noExplicitAny: objects of the cluster, of which a few fields are used
type KubernetesObject = any;

/** Name that postgres/restore.sh and the server's pg_hba.conf expect. */
const restoring = (database: string): string => `${database}_restoring`;

async function restore(): Promise<void> {
  const options = { stack: stackOption, yes: { type: "boolean", short: "y" } } as const;
  const { values, positionals } = readArguments(usage, { options, most: 1 });
  const target = await targetOf(required(usage, "-s", values.stack, "the name of a stack"));
  const cronJob = await findCronJob(target);
  const [container] = cronJob.spec.jobTemplate.spec.template.spec.containers;
  const database: string = container.env.find(({ name }: { name: string }) => name === "PGDATABASE").value;

  console.log("Looking at the backups …");
  const backup = chooseBackup(parseBackups(await runJob(target, cronJob, [])), positionals[0]);
  const timestamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").toLowerCase();
  const before = `${database}_before_${timestamp}`;
  if (!values.yes && !(await confirm(target, backup, database, before))) throw new UserError("Nothing was changed.");

  const pod = await findServer(target);
  console.log(`Restoring it beside ${database}, which keeps serving …`);
  await runSql(target, pod, createDatabase, { database, target: restoring(database) });
  console.log((await runJob(target, cronJob, [backup.name], { TARGET: restoring(database) })).trim());
  console.log(`Replacing ${database} …`);
  await swapDatabases(target, pod, { database, target: restoring(database), before });

  const exec = `kubectl ${target.address.join(" ")} exec`;
  console.log(`${database} is now as it was at ${backup.name}. The previous database is kept as ${before}:
  look at it:  ${exec} -it ${pod} -c logins -- psql ${before}
  remove it:   ${exec} ${pod} -c logins -- dropdb ${before}
If the release that runs needs a newer schema than the backup has, run its migration once more:
  pulumi up --stack ${target.stack} --target-replace '**web-migration'`);
}

/** Asks the user to type the stack's name. */
async function confirm(target: Target, backup: Backup, database: string, before: string): Promise<boolean> {
  console.log(`
Backup:    ${describeBackup(backup)}
Database:  ${database} of stack ${target.stack} (kubectl ${target.address.join(" ")})
The database is unavailable for a moment, and loses everything written since the backup. The current database is kept as
${before}, so the volume needs room for both.
`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  // Without a terminal the input ends at once, which means no.
  const answer = await Promise.race([
    lines.question(`Type the stack's name to go on: `),
    new Promise<string>((resolve) => lines.once("close", () => resolve(""))),
  ]);
  lines.close();
  return answer.trim() === target.stack;
}

async function findCronJob(target: Target): Promise<KubernetesObject> {
  const selector = "--selector=app.kubernetes.io/component=backup";
  const { items } = JSON.parse(await target.kubectl(["get", "cronjobs", selector, "--output=json"]));
  if (items.length === 1) return items[0];
  throw new UserError(
    `${items.length} CronJobs in ${target.namespace} make backups; one was expected. Is slipway:database.backups set?`,
  );
}

/** Runs a Job like those that make backups, with another command. @returns its log @throws UserError with its log */
async function runJob(
  target: Target,
  cronJob: KubernetesObject,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { spec } = structuredClone(cronJob.spec.jobTemplate);
  const [container] = spec.template.spec.containers;
  const labels = { "app.kubernetes.io/name": cronJob.metadata.name, "app.kubernetes.io/component": "restore" };
  container.command = [container.command[0].replace(/backup\.sh$/, "restore.sh"), ...args];
  container.env.push(...Object.entries(env).map(([name, value]) => ({ name, value })));
  Object.assign(spec.template.metadata.labels, labels);
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { generateName: "database-restore-", labels },
    spec: { ...spec, backoffLimit: 0, ttlSecondsAfterFinished: 3600 },
  };
  const created = JSON.parse(await target.kubectl(["create", "--output=json", "--filename=-"], JSON.stringify(job)));
  const name: string = created.metadata.name;
  const log = () => target.kubectl(["logs", `job/${name}`]).catch((error: Error) => error.message);
  for (;;) {
    const { status } = JSON.parse(await target.kubectl(["get", "job", name, "--output=json"]));
    const is = (type: string) =>
      status.conditions?.some((one: KubernetesObject) => one.type === type && one.status === "True");
    if (is("Failed")) throw new UserError(`The Job ${name} failed; the database is as it was.\n${await log()}`);
    if (is("Complete")) break;
    await setTimeout(1000);
  }
  const output = await log();
  await target.kubectl(["delete", "job", name]);
  return output;
}

async function findServer(target: Target): Promise<string> {
  const selector = "--selector=app.kubernetes.io/component=database";
  const pods = await target.kubectl(["get", "pods", selector, "--output=jsonpath={.items[*].metadata.name}"]);
  const [name, ...more] = pods.split(" ").filter(Boolean);
  if (name && more.length === 0) return name;
  throw new UserError(`One database was expected to run in ${target.namespace}, found: ${pods || "none"}.`);
}

/** Runs SQL in the server's pod over its socket, which is the superuser's only login. */
function runSql(target: Target, pod: string, sql: string, names: Record<string, string>): Promise<string> {
  const variables = Object.entries(names).map(([name, value]) => `--set=${name}=${value}`);
  const psql = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", ...variables, "--file=-"];
  return target.kubectl(["exec", "--stdin", pod, "--container=logins", "--", ...psql], sql);
}

const createDatabase = `
DROP DATABASE IF EXISTS :"target" WITH (FORCE);
CREATE DATABASE :"target" OWNER :"database" TEMPLATE template0;
`;

/** Renames in one transaction: new connections wait for the restored database, and a lost connection changes nothing. */
const renameDatabases = `
BEGIN;
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname IN (:'database', :'target');
ALTER DATABASE :"database" RENAME TO :"before";
ALTER DATABASE :"target" RENAME TO :"database";
COMMIT;
`;

async function swapDatabases(target: Target, pod: string, names: Record<string, string>): Promise<void> {
  for (let attempts = 5; ; attempts--) {
    try {
      await runSql(target, pod, renameDatabases, names);
      return;
    } catch (error) {
      // A client connected after all sessions were ended, and before the renaming.
      if (attempts === 1 || !/is being accessed by other users/.test(String(error))) throw error;
    }
  }
}

if (import.meta.main) await runMain(restore);
