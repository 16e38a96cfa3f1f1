import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process, told apart from a later one that got the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and the start of the process, as in /proc/PID/stat. */
  readonly started: number;
}

/** Reads the start time out of a line of /proc/PID/stat; undefined for a zombie, which no longer runs anything. */
export function parseStartTime(stat: string): number | undefined {
  // The command name is in parentheses and may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : Number(fields[19]);
}

/** When the process that has this number now was started; undefined if there is none. */
export function startTimeOf(pid: number): number | undefined {
  try {
    return parseStartTime(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** Whether exactly this process, not a namesake, is still running. */
export function isRunning(process: ProcessIdentity): boolean {
  return startTimeOf(process.pid) === process.started;
}

/** The identity of a running process. @throws if there is none with this number. */
export function identify(pid: number): ProcessIdentity {
  const started = startTimeOf(pid);
  if (started === undefined) throw new Error(`no process has the number ${pid}`);
  return { pid, started };
}

/** Numbers of all running processes. */
export function allProcesses(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** A process's argument list; empty for kernel threads and for processes that are gone. */
export function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** Whether a process was started with this line (NAME=value) in its environment. */
export function hasEnvironment(pid: number, line: string): boolean {
  return environmentOf(pid).includes(line);
}

/** The value of a variable in the environment that a process was started with; undefined if it had none of that name. */
export function variableOf(pid: number, name: string): string | undefined {
  return environmentOf(pid)
    .find((line) => line.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/**
 * Asks processes to end, and makes those end that do not within the time.
 * @param within seconds between SIGTERM and SIGKILL
 */
export async function endProcesses(processes: readonly ProcessIdentity[], within: number): Promise<void> {
  signal(processes, "SIGTERM");
  if (await allGone(processes, within)) return;
  signal(processes, "SIGKILL");
  await allGone(processes, 5);
}

/** Sends a signal to those that still run. */
export function signal(processes: readonly ProcessIdentity[], name: NodeJS.Signals): void {
  for (const each of processes.filter(isRunning)) {
    try {
      process.kill(each.pid, name);
    } catch {
      // It ended between the look and the signal.
    }
  }
}

/** Waits until none of them runs; false when some still do after that many seconds. */
export async function allGone(processes: readonly ProcessIdentity[], within: number): Promise<boolean> {
  const deadline = Date.now() + within * 1000;
  while (processes.some(isRunning)) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

/** When a process was started, in milliseconds since 1970. */
export function wallClockOf(process: ProcessIdentity): number {
  const boot = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"));
  const ticksPerSecond = 100;
  return (Number(boot?.[1]) + process.started / ticksPerSecond) * 1000;
}

/** The process that started this one; undefined if either is gone. */
export function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}
