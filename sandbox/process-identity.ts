import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readIfPresent } from "./read-file.ts";

/** Process, distinguished from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and the start of the process, as in /proc/PID/stat. */
  readonly started: number;
}

/** Fields of a line of /proc/PID/stat after the command name, which may contain spaces and parentheses. */
const statFields = (stat: string): string[] => stat.slice(stat.lastIndexOf(")") + 2).split(" ");

/** Start time in a line of /proc/PID/stat; undefined for a zombie, which no longer runs anything. */
export function parseStartTime(stat: string): number | undefined {
  const fields = statFields(stat);
  return fields[0] === "Z" || fields[0] === "X" ? undefined : Number(fields[19]);
}

/** Start time of the process that has this pid now; undefined if there is none. */
export function startTimeOf(pid: number): number | undefined {
  const stat = readIfPresent(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : parseStartTime(stat);
}

/** Tells if exactly this process still runs, not a later one with its pid. */
export function isRunning(process: ProcessIdentity): boolean {
  return startTimeOf(process.pid) === process.started;
}

/** Identity of a running process. @throws Error if none has this pid */
export function identify(pid: number): ProcessIdentity {
  const [process] = identifyAll([pid]);
  if (!process) throw new Error(`no process has the pid ${pid}`);
  return process;
}

/** Identities of those of the processes that still run. */
export function identifyAll(pids: readonly number[]): ProcessIdentity[] {
  return pids.flatMap((pid) => {
    const started = startTimeOf(pid);
    return started === undefined ? [] : [{ pid, started }];
  });
}

/** Pids of all running processes. */
export function allProcesses(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Arguments of a process; empty for kernel threads and for processes that have ended. */
export function argumentsOf(pid: number): string[] {
  return (readIfPresent(`/proc/${pid}/cmdline`) ?? "").split("\0").slice(0, -1);
}

/** Tells if a process started with this line (NAME=value) in its environment. */
export function hasEnvironment(pid: number, line: string): boolean {
  return environmentOf(pid).includes(line);
}

/** Value of a variable in the environment that a process started with; undefined if it had none of that name. */
export function variableOf(pid: number, name: string): string | undefined {
  return environmentOf(pid)
    .find((line) => line.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function environmentOf(pid: number): string[] {
  return (readIfPresent(`/proc/${pid}/environ`) ?? "").split("\0");
}

/**
 * Sends SIGTERM to processes, and SIGKILL to those that are still running after the grace period.
 *
 * @param grace seconds between SIGTERM and SIGKILL
 */
export async function endProcesses(processes: readonly ProcessIdentity[], grace: number): Promise<void> {
  signal(processes, "SIGTERM");
  if (await allGone(processes, grace)) return;
  signal(processes, "SIGKILL");
  await allGone(processes, 5);
}

/** Sends a signal to those that still run. */
export function signal(processes: readonly ProcessIdentity[], name: NodeJS.Signals): void {
  for (const each of processes.filter(isRunning)) {
    try {
      process.kill(each.pid, name);
    } catch {
      // It ended after the check.
    }
  }
}

/** Waits until none of them runs; false if some still do after that many seconds. */
export async function allGone(processes: readonly ProcessIdentity[], seconds: number): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  while (processes.some(isRunning)) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

/** Start of a process in milliseconds since 1970. */
export function wallClockOf(process: ProcessIdentity): number {
  const boot = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"));
  const ticksPerSecond = 100;
  return (Number(boot?.[1]) + process.started / ticksPerSecond) * 1000;
}

/** Pid of a process's parent; undefined if the process has ended. */
export function parentOf(pid: number): number | undefined {
  const stat = readIfPresent(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : Number(statFields(stat)[1]);
}
