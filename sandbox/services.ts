import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "../settings/user-error.ts";
import { certificateFile } from "./certificates.ts";
import { describeLog, logPath, startDetached } from "./command.ts";
import { findService } from "./debian-packages.ts";
import { eventually } from "./eventually.ts";
import { paths } from "./paths.ts";
import { endProcesses, identify, isRunning, type ProcessIdentity } from "./process-identity.ts";
import { say } from "./progress.ts";

/** A long-running program of the sandbox. */
export interface Service {
  /** Also the name of its log and pid file. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Record<string, string>;
  /** Files that it reads only when it starts: when one of them changes, it is started anew. */
  readonly configuration?: readonly string[];
  /** Names of the services that must be ready before it starts. */
  readonly after: readonly string[];
  /** Resolves once the service does its work; rejects with the reason why it does not yet. */
  readonly ready: (self: ProcessIdentity) => Promise<void>;
}

/** What is known about a started service, kept in its pid file. */
export interface ServiceRecord extends ProcessIdentity {
  /** Hash over program, command line, environment, configuration and the sandbox's authority. */
  readonly fingerprint: string;
}

const readyWithinSeconds = 60;
const stopWithinSeconds = 10;
const logLimitBytes = 20_000_000;

/**
 * Starts those that do not run (or run with an outdated program or configuration), independent ones at the same time.
 * @param start starts one and waits until it is ready
 * @throws UserError of the first one that does not start
 */
export async function startServices(services: readonly Service[], start = startService): Promise<void> {
  const started = new Map<string, Promise<void>>();
  const begin = (service: Service): Promise<void> => {
    const running = started.get(service.name);
    if (running) return running;
    const awaited = services.filter((other) => service.after.includes(other.name)).map(begin);
    const beginning = Promise.all(awaited).then(() => start(service));
    started.set(service.name, beginning);
    return beginning;
  };
  await Promise.all(services.map(begin));
}

/** Starts one service unless it runs already, and waits until it is ready. @throws UserError with the end of its log */
export async function startService(service: Service): Promise<void> {
  const fingerprint = fingerprintOf(service);
  const before = readRecord(service.name);
  const current = before && isRunning(before) ? before : undefined;
  if (current?.fingerprint === fingerprint) return waitUntilReady(service, current);

  if (current) await endProcesses([current], stopWithinSeconds);
  const began = performance.now();
  const record = { ...launch(service), fingerprint };
  writeRecord(service.name, record);
  await waitUntilReady(service, record);
  const why = current ? "started anew, its program or configuration has changed" : before ? "started again" : "started";
  say(`${service.name}: ${why} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

/** Stops one service, if it runs. */
export async function stopService(name: string): Promise<void> {
  const record = readRecord(name);
  if (record) await endProcesses([record], stopWithinSeconds);
  rmSync(recordPath(name), { force: true });
}

/** The recorded process of a service, running or not; undefined if none was recorded. */
export function readRecord(name: string): ServiceRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordPath(name), "utf8"));
    return Number.isInteger(record.pid) && Number.isInteger(record.started) ? record : undefined;
  } catch {
    return undefined;
  }
}

function recordPath(name: string): string {
  return join(paths.run, `${name}.pid`);
}

function writeRecord(name: string, record: ServiceRecord): void {
  const path = recordPath(name);
  writeFileSync(`${path}.new`, JSON.stringify(record));
  renameSync(`${path}.new`, path);
}

/** What decides whether a service that runs is the one that is wanted. */
export function fingerprintOf(service: Pick<Service, "argv" | "env" | "configuration">): string {
  const program = findService(service.argv[0] ?? "");
  const { size, mtimeMs } = program === undefined ? {} : statSync(program); // That there is none is said when it is started.
  const hash = createHash("sha256").update(JSON.stringify([service.argv, service.env, size, mtimeMs]));
  // All of them trust one authority: after a new one, none would speak to the others.
  for (const file of [...(service.configuration ?? []), certificateFile("ca", "crt")]) hash.update(readFileSync(file));
  return hash.digest("hex");
}

function launch(service: Service): ProcessIdentity {
  mkdirSync(paths.log, { recursive: true });
  mkdirSync(paths.run, { recursive: true });
  const path = logPath(service.name);
  if (existsSync(path) && statSync(path).size > logLimitBytes) renameSync(path, `${path}.1`);
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
