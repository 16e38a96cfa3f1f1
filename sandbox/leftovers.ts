import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { removeFolder, unmountBelow } from "./mounts.ts";
import { processesWith, serviceMark, steps } from "./ownership.ts";
import { paths } from "./paths.ts";
import {
  allGone,
  allProcesses,
  argumentsOf,
  endProcesses,
  identify,
  isRunning,
  type ProcessIdentity,
  parentOf,
  signal,
} from "./process-identity.ts";

const bootFile = join(paths.run, "boot");

/** Brings the sandbox's folder into a state that `up` can start from, whatever ended the last one and at which moment. */
export async function recover(): Promise<void> {
  // What an interrupted `up` was waiting for goes on without it, and would get in the way. What somebody waits for is left alone.
  const found = steps();
  await endProcesses(
    found.filter(({ starter }) => !isRunning(starter)),
    5,
  );
  if (!found.some(({ starter }) => isRunning(starter))) await removeFolder(paths.build);
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
  if (!existsSync(bootFile) || readFileSync(bootFile, "utf8") !== boot) {
    // Nothing that these files speak of has survived the reboot. (Without a boot file nothing was started yet, or all was stopped.)
    if (processesWith(serviceMark).length === 0) await clearRun();
    mkdirSync(paths.run, { recursive: true });
    writeFileSync(bootFile, boot);
  }
}

/**
 * Ends the containers that the cluster started. Each is asked the usual way first; then with the signal on which PostgreSQL shuts
 * down without waiting for its clients; then not asked any more.
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

/** Ends every process that a service left behind, the containers' keepers among them, and releases their mounts. */
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
  return allProcesses()
    .filter((pid) => parents.has(parentOf(pid) ?? 0))
    .flatMap((pid) => {
      try {
        return [identify(pid)];
      } catch {
        return []; // Ended meanwhile.
      }
    });
}
