import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { removeFolder, unmountBelow } from "./mounts.ts";
import { processesWith, serviceMark, steps } from "./ownership.ts";
import { paths } from "./paths.ts";
import {
  allGone,
  allProcesses,
  argumentsOf,
  endProcesses,
  identifyAll,
  isRunning,
  type ProcessIdentity,
  parentOf,
  signal,
} from "./process-identity.ts";
import { readIfPresent } from "./read-file.ts";

const bootFile = join(paths.run, "boot");

/** Makes the sandbox's folder fit for the next `up`, whatever interrupted the last one. */
export async function recover(): Promise<void> {
  // Steps of an interrupted `up` run on without it and would get in the way; those that a command waits for stay.
  const running = steps();
  await endProcesses(
    running.filter(({ starter }) => !isRunning(starter)),
    5,
  );
  if (!running.some(({ starter }) => isRunning(starter))) await removeFolder(paths.build);
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
  if (readIfPresent(bootFile) !== boot) {
    // After a reboot, pid files and sockets mean nothing. Without a boot file, nothing was started or all was stopped.
    if (processesWith(serviceMark).length === 0) await clearRun();
    mkdirSync(paths.run, { recursive: true });
    writeFileSync(bootFile, boot);
  }
}

/**
 * Ends the containers that the cluster started: by SIGTERM, then by SIGINT, on which PostgreSQL shuts down without waiting for
 * its clients, then by SIGKILL.
 */
export async function stopContainers(): Promise<void> {
  const shims = processesWith(serviceMark).filter((each) => isShim(each.pid));
  const containers = childrenOf(new Set(shims.map((shim) => shim.pid)));
  for (const [name, within] of [
    ["SIGTERM", 5],
    ["SIGINT", 5],
    ["SIGKILL", 5],
  ] as const) {
    signal(containers, name);
    if (await allGone(containers, within)) return;
  }
}

/** Ends every process that a service left behind, including the containers' shims, and releases their mounts. */
export async function sweep(): Promise<void> {
  await endProcesses(processesWith(serviceMark), 2);
  await unmountBelow(paths.data);
  await clearRun();
}

async function clearRun(): Promise<void> {
  await removeFolder(paths.run);
  rmSync(bootFile, { force: true });
}

function isShim(pid: number): boolean {
  return basename(argumentsOf(pid)[0] ?? "").startsWith("containerd-shim");
}

function childrenOf(parents: ReadonlySet<number>): ProcessIdentity[] {
  return identifyAll(allProcesses().filter((pid) => parents.has(parentOf(pid) ?? 0)));
}
