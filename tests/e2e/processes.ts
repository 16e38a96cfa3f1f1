import { readFileSync } from "node:fs";
import { allProcesses } from "../../sandbox/process-identity.ts";

/** Reads a file of a process; empty if the process has ended. */
export function readProcess(pid: number, file: "cgroup" | "cmdline" | "environ"): Buffer {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch {
    return Buffer.alloc(0);
  }
}

export const commandLine = (pid: number): string => readProcess(pid, "cmdline").toString().replaceAll("\0", " ").trim();

/** Kills the processes whose control group and command line match. @returns their number */
export function killProcesses(cgroup: string, command = /^/): number {
  const pids = allProcesses().filter(
    (pid) => readProcess(pid, "cgroup").includes(cgroup) && command.test(commandLine(pid)),
  );
  for (const pid of pids)
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      // The first process of a container ends the others.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  return pids.length;
}
