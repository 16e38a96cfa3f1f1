import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { type Backup, chooseBackup, describeBackup, parseBackups } from "./backup-state.ts";
import { type Target, targetOf } from "./target.ts";

const usage = `npm run restore -- -s STACK [BACKUP] [--yes]

Brings a backup back into the stack's database: the newest one, unless BACKUP names another. It asks before it changes
anything (--yes answers that), and what the database has now is kept beside it under another name.`;

/** Names that postgres/restore.sh and the server's pg_hba.conf know. */
const restoring = (database: string): string => `${database}_restoring`;

/** npm run restore */
async function restore(): Promise<void> {
  const { values, positionals } = options();
  const target = await targetOf(values.stack);
  const cronJob = await onlyCronJob(target);
  const [container] = cronJob.spec.jobTemplate.spec.template.spec.containers;
  const database: string = container.env.find(({ name }: { name: string }) => name === "PGDATABASE").value;

  console.log("Looking at the backups …");
  const backup = chooseBackup(parseBackups(await runJob(target, cronJob, [])), positionals[0]);
  const before = `${database}_before_${stamp(new Date())}`;
  if (!values.yes && !(await agreed(target, backup, database, before))) throw new UserError("Nothing was changed.");

  const server = await serverOf(target);
  console.log(`Bringing it back beside ${database}, which goes on serving …`);
  await asSuperuser(target, server, prepare, { database, target: restoring(database) });
  console.log((await runJob(target, cronJob, [backup.name], { TARGET: restoring(database) })).trim());
  console.log(`Putting it in the place of ${database} …`);
  await exchange(target, server, { database, target: restoring(database), before });

  const there = `kubectl ${target.address.join(" ")} exec`;
  console.log(`${database} is now as it was at ${backup.name}. What it was before is kept as ${before}:
  look at it:  ${there} -it ${server} -c logins -- psql ${before}
  remove it:   ${there} ${server} -c logins -- dropdb ${before}
If the release that runs needs a newer schema than the backup has, run its migration once more:
  pulumi up --stack ${target.stack} --target-replace '**web-migration'`);
}

function options() {
  try {
    const parsed = parseArgs({
      options: { stack: { type: "string", short: "s" }, yes: { type: "boolean", short: "y" } },
      allowPositionals: true,
    });
    const { stack, yes } = parsed.values;
    if (stack !== undefined && parsed.positionals.length <= 1)
      return { values: { stack, yes }, positionals: parsed.positionals };
  } catch {
    // An unknown option: the usage says which there are.
  }
  throw new UserError(usage);
}

async function agreed(target: Target, backup: Backup, database: string, before: string): Promise<boolean> {
  console.log(`
Backup:    ${describeBackup(backup)}
Database:  ${database} of stack ${target.stack} (kubectl ${target.address.join(" ")})
It is out of reach for a moment, and everything written since the backup is gone from it; what it has now is kept as
${before}, so the volume needs room for both.
`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  // Without anybody to answer, the input ends at once: that is a no.
  const answer = await Promise.race([
    lines.question(`Type the stack's name to go on: `),
    new Promise<string>((resolve) => lines.once("close", () => resolve(""))),
  ]);
  lines.close();
  return answer.trim() === target.stack;
}

// biome-ignore lint/suspicious/noExplicitAny: an object of the cluster's, of which a few fields are used
async function onlyCronJob(target: Target): Promise<any> {
  const found = await target.kubectl([
    ...["get", "cronjobs", "--selector=app.kubernetes.io/component=backup", "--output=json"],
  ]);
  const { items } = JSON.parse(found);
  if (items.length === 1) return items[0];
  throw new UserError(
    `${items.length} CronJobs in ${target.namespace} make backups, where one was expected: is slipway:database.backups set?`,
  );
}

/** Runs a Job like those that make backups, but with another command; what it printed. @throws UserError with its log */
// biome-ignore lint/suspicious/noExplicitAny: see above
async function runJob(target: Target, cronJob: any, args: string[], env: Record<string, string> = {}): Promise<string> {
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
      status.conditions?.some((one: { type: string; status: string }) => one.type === type && one.status === "True");
    if (is("Failed")) throw new UserError(`The Job ${name} failed; the database is as it was.\n${await log()}`);
    if (is("Complete")) break;
    await sleep(1000);
  }
  const printed = await log();
  await target.kubectl(["delete", "job", name]);
  return printed;
}

async function serverOf(target: Target): Promise<string> {
  const pods = await target.kubectl([
    ...[
      "get",
      "pods",
      "--selector=app.kubernetes.io/component=database",
      "--output=jsonpath={.items[*].metadata.name}",
    ],
  ]);
  const [name, ...more] = pods.split(" ").filter(Boolean);
  if (name && more.length === 0) return name;
  throw new UserError(`One database was expected to run in ${target.namespace}, found: ${pods || "none"}.`);
}

/** Runs SQL in the server's own pod, over its socket: its superuser has no other way in. */
function asSuperuser(target: Target, pod: string, sql: string, names: Record<string, string>): Promise<string> {
  const variables = Object.entries(names).map(([name, value]) => `--set=${name}=${value}`);
  const psql = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", ...variables, "--file=-"];
  return target.kubectl(["exec", "--stdin", pod, "--container=logins", "--", ...psql], sql);
}

const prepare = `
DROP DATABASE IF EXISTS :"target" WITH (FORCE);
CREATE DATABASE :"target" OWNER :"database" TEMPLATE template0;
`;

/** In one transaction: whoever connects meanwhile waits for the new one, and a lost connection changes nothing. */
const rename = `
BEGIN;
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname IN (:'database', :'target');
ALTER DATABASE :"database" RENAME TO :"before";
ALTER DATABASE :"target" RENAME TO :"database";
COMMIT;
`;

async function exchange(target: Target, pod: string, names: Record<string, string>): Promise<void> {
  for (let attempts = 5; ; attempts--) {
    try {
      await asSuperuser(target, pod, rename, names);
      return;
    } catch (error) {
      // Somebody connected between the ending of all sessions and the renaming.
      if (attempts === 1 || !/is being accessed by other users/.test(String(error))) throw error;
    }
  }
}

const stamp = (time: Date): string => time.toISOString().slice(0, 19).replace(/[-:]/g, "").toLowerCase();

await runMain(restore);
