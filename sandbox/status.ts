import { checkBackups } from "../commands/operate/backup-state.ts";
import type { ClusterObject } from "../commands/operate/cron-jobs.ts";
import { checkSchedules } from "../commands/operate/schedule-state.ts";
import { controlPlane } from "./control-plane.ts";
import { deployedUrl, stack } from "./deployment.ts";
import { imageServices, nodeServices } from "./node-services.ts";
import { cluster, paths } from "./paths.ts";
import { answers, dnsAnswers, kubectl } from "./probes.ts";
import { isRunning, wallClockOf } from "./process-identity.ts";
import { runSandbox } from "./progress.ts";
import { readPidFile, type Service } from "./services.ts";

const notStarted = "not started";

/** npm run status: prints the state of all services. Exit code 1 if one has ended, the cluster's DNS does not answer, or backups or scheduled commands need attention. */
await runSandbox(async () => {
  const rows = await Promise.all([...controlPlane(), ...imageServices(), ...nodeServices()].map(describeService));
  for (const [name, state] of rows) console.log(`${name.padEnd(24)} ${state}`);
  if (rows.every(([, state]) => state === notStarted))
    return console.log('\nThe sandbox is stopped. Start it with "npm run up".');
  if (rows.some(([, state]) => state !== notStarted && !state.startsWith("running"))) process.exitCode = 1;

  const dnsProblem = await dnsAnswers().catch((error: Error) => error.message);
  console.log(`${"DNS".padEnd(24)} ${dnsProblem ? `NOT READY: ${dnsProblem}` : `answers at ${cluster.dnsAddress}`}`);
  if (dnsProblem) process.exitCode = 1;

  const pods = await kubectl(["get", "pods", "-A"]);
  console.log(`\nPods (context ${cluster.context}, ${paths.kubeconfig}):\n${pods.stdout || pods.stderr}`);
  for (const { namespace, good, text } of checkBackups(await cronJobs("backup"))) {
    console.log(`Backups (${namespace}): ${text}`);
    if (!good) process.exitCode = 1;
  }
  for (const { namespace, name, good, text } of checkSchedules(await cronJobs("schedule"))) {
    console.log(`Schedule ${name} (${namespace}): ${text}`);
    if (!good) process.exitCode = 1;
  }
  console.log(`Application (stack ${stack}): ${await describeApplication()}\nLogs: ${paths.log}`);
});

async function describeService(service: Service): Promise<[string, string]> {
  const process = readPidFile(service.name);
  if (!process) return [service.name, notStarted];
  if (!isRunning(process)) return [service.name, `ended (was process ${process.pid}); "npm run up" starts it again`];
  const since = new Date(wallClockOf(process)).toISOString().slice(0, 19).replace("T", " ");
  const problem = await service.ready(process).catch((error: Error) => error.message);
  return [
    service.name,
    `running since ${since} UTC, process ${process.pid}${problem ? `, NOT READY: ${problem}` : ""}`,
  ];
}

/** CronJobs of every environment, their Jobs and pods; empty if the cluster does not answer, which is printed above. */
async function cronJobs(component: string): Promise<ClusterObject[]> {
  const selector = `--selector=app.kubernetes.io/component=${component}`;
  const { code, stdout } = await kubectl(["get", "cronjobs,jobs,pods", "-A", selector, "--output=json"]);
  return code === 0 ? JSON.parse(stdout).items : [];
}

async function describeApplication(): Promise<string> {
  const url = await deployedUrl().catch(() => undefined);
  if (!url) return "not deployed";
  const problem = await answers(url).catch((error: Error) => error.message);
  return problem ?? `served at ${url}`;
}
