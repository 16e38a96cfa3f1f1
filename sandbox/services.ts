import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../settings/user-error.ts";
import { certificateFile } from "./certificates.ts";
import { describeLog, logPath, startDetached } from "./command.ts";
import { findService } from "./debian-packages.ts";
import { eventually } from "./eventually.ts";
import { paths } from "./paths.ts";
import { endProcesses, identify, isRunning, type ProcessIdentity } from "./process-identity.ts";
import { say } from "./progress.ts";

/** Long-running program of the sandbox. */
export interface Service {
  /** Name of its log and pid file too. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Record<string, string>;
  /** Files that it reads only at its start: it is restarted when one of them changes. */
  readonly configuration?: readonly string[];
  /** Names of the services that must be ready before it starts. */
  readonly after: readonly string[];
  /** Resolves when the service works; rejects with the reason until then. */
  readonly ready: (self: ProcessIdentity) => Promise<void>;
}

/** Contents of the pid file of a service. */
export interface PidFile extends ProcessIdentity {
  /** Hash of the program, command line, environment, configuration and the sandbox's authority. */
  readonly fingerprint: string;
}

const readyWithinSeconds = 60;
const stopWithinSeconds = 10;
const logLimitBytes = 20_000_000;

/**
 * Starts services in the order of their dependencies, independent ones at the same time.
 *
 * @param start starts one and waits until it is ready
 * @throws UserError of the first one that does not start
 */
export async function startServices(services: readonly Service[], start = startService): Promise<void> {
  const started = new Map<string, Promise<void>>();
  const begin = (service: Service): Promise<void> => {
    const running = started.get(service.name);
    if (running) return running;
    const dependencies = services.filter((other) => service.after.includes(other.name)).map(begin);
    const beginning = Promise.all(dependencies).then(() => start(service));
    started.set(service.name, beginning);
    return beginning;
  };
  await Promise.all(services.map(begin));
}

/** Starts a service unless it runs with its present program and configuration. Waits until it is ready. @throws UserError with the end of its log */
export async function startService(service: Service): Promise<void> {
  const fingerprint = fingerprintOf(service);
  const before = readPidFile(service.name);
  const current = before && isRunning(before) ? before : undefined;
  if (current?.fingerprint === fingerprint) return waitUntilReady(service, current);

  if (current) await endProcesses([current], stopWithinSeconds);
  const began = performance.now();
  const started = { ...launch(service), fingerprint };
  writePidFile(service.name, started);
  await waitUntilReady(service, started);
  const why = current ? "restarted, its program or configuration has changed" : before ? "started again" : "started";
  say(`${service.name}: ${why} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

/** Stops one service, if it runs. */
export async function stopService(name: string): Promise<void> {
  const process = readPidFile(name);
  if (process) await endProcesses([process], stopWithinSeconds);
  rmSync(pidFilePath(name), { force: true });
}

/** Last process of a service, running or not; undefined if it was never started. */
export function readPidFile(name: string): PidFile | undefined {
  try {
    const file = JSON.parse(readFileSync(pidFilePath(name), "utf8"));
    return Number.isInteger(file.pid) && Number.isInteger(file.started) ? file : undefined;
  } catch {
    return undefined;
  }
}

function pidFilePath(name: string): string {
  return join(paths.run, `${name}.pid`);
}

function writePidFile(name: string, content: PidFile): void {
  const path = pidFilePath(name);
  writeFileSync(`${path}.new`, JSON.stringify(content));
  renameSync(`${path}.new`, path);
}

/** Hash that changes when a running service has to be restarted. */
export function fingerprintOf(service: Pick<Service, "argv" | "env" | "configuration">): string {
  const program = findService(service.argv[0] ?? "");
  const { size, mtimeMs } = program === undefined ? {} : statSync(program); // Starting it reports that it is missing.
  const hash = createHash("sha256").update(JSON.stringify([service.argv, service.env, size, mtimeMs]));
  // All services trust one authority and have to be restarted after a new one.
  for (const file of [...(service.configuration ?? []), certificateFile("ca", "crt")]) hash.update(readFileSync(file));
  return hash.digest("hex");
}

function launch(service: Service): ProcessIdentity {
  mkdirSync(paths.log, { recursive: true });
  mkdirSync(paths.run, { recursive: true });
  const path = logPath(service.name);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > logLimitBytes) renameSync(path, `${path}.1`);
  const log = openSync(path, "a");
  const pid = startDetached(service.argv, { cwd: paths.root, env: service.env }, log);
  closeSync(log);
  if (pid === undefined)
    throw new UserError(`${service.name} cannot be started: there is no program ${service.argv[0]} on the PATH.`);
  return identify(pid);
}

async function waitUntilReady(service: Service, self: ProcessIdentity): Promise<void> {
  await eventually(() => service.ready(self), readyWithinSeconds, {
    pause: 100,
    check: () => {
      if (!isRunning(self))
        throw new UserError(`${service.name} ended while it was starting. ${describeLog(service.name)}`);
    },
    timedOut: (reason) =>
      new UserError(
        `${service.name} is not ready after ${readyWithinSeconds} s: ${reason}. ${describeLog(service.name)}`,
      ),
  });
}
