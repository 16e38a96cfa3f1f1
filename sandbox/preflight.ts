import { existsSync, readFileSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { attempt } from "./command.ts";
import { isCompiled } from "./compile.ts";
import { findProgram } from "./debian-packages.ts";
import { occupied } from "./listeners.ts";
import { serviceMark } from "./ownership.ts";
import { type CompiledPart, clusterParts } from "./parts.ts";
import { paths, ports } from "./paths.ts";
import { argumentsOf, hasEnvironment } from "./process-identity.ts";
import { isAtLeast, pulumiPartsToCompile } from "./pulumi-parts.ts";
import { syftParts } from "./syft.ts";

/** Port that the sandbox needs and another process has. */
export interface TakenPort {
  readonly port: number;
  readonly neededBy: string;
  /** Undefined if this user can't see it. */
  readonly process?: { readonly pid: number; readonly command: string };
}

/** Properties of a machine that decide if the sandbox can run on it. */
export interface Machine {
  readonly userId: number;
  readonly hasApt: boolean;
  readonly sandboxFolder: string;
  readonly fileSystem: "overlay" | "other";
  readonly freeDiskBytes: number;
  readonly availableMemoryBytes: number;
  /** Names of the parts to compile. */
  readonly toCompile: readonly string[];
  /** Undefined if there is no Go. */
  readonly goVersion: string | undefined;
  readonly takenPorts: readonly TakenPort[];
}

const gigabyte = 1e9;
/** In bytes. Measured: 1.1 GB of programs, 3 GB of images and layers after a day, 13 GB of Go's caches. */
const diskNeeded = { toRun: 5 * gigabyte, toCompile: 20 * gigabyte };
/** In bytes. Measured: 1.3 GB for the cluster and the application, up to 3 GB for compiling Kubernetes. */
const memoryNeeded = { toRun: 2 * gigabyte, toCompile: 4 * gigabyte };
const minimumGo = "1.26.8";
/** Longest path of a Unix socket below the sandbox's folder; the kernel allows 107 characters in all. */
const longestSocket = "/data/kubelet/device-plugins/kubelet.sock";

/** Message for a machine that the sandbox does not support at all; empty for a supported one. */
export const unsupported = (platform: string, architecture: string): string[] =>
  platform === "linux" && architecture === "x64"
    ? []
    : [
        `The sandbox runs on Linux on x86_64, not on ${platform} on ${architecture}: use a virtual machine, or a cluster of your own (README.md).`,
      ];

/** Reasons why the sandbox cannot run on a machine, a line each with the remedy. */
export function obstacles(machine: Machine): string[] {
  const compiling = machine.toCompile.length > 0;
  const disk = compiling ? diskNeeded.toCompile : diskNeeded.toRun;
  const memory = compiling ? memoryNeeded.toCompile : memoryNeeded.toRun;
  const problems: string[] = [];
  if (!machine.hasApt)
    problems.push(
      "There is no apt-get: the sandbox takes programs from Debian's packages. Use Debian, Ubuntu or a container of one.",
    );
  if (machine.userId !== 0)
    problems.push(
      "Not root: containers, networks and mounts need it. Run it with sudo, or in a virtual machine of its own.",
    );
  if (compiling && (machine.goVersion === undefined || !isAtLeast(machine.goVersion, minimumGo)))
    problems.push(
      `${machine.goVersion ? `Go ${machine.goVersion} is too old` : "There is no Go"}, and ${machine.toCompile.join(", ")} must be compiled: install Go ${minimumGo} or later and put it on the PATH.`,
    );
  if (machine.freeDiskBytes < disk)
    problems.push(
      `Only ${amount(machine.freeDiskBytes)} of disk are free at ${machine.sandboxFolder}: ${amount(disk)} are needed${compiling ? ", mostly for compiling" : ""}. Free some, or put the checkout on a larger disk.`,
    );
  if (machine.availableMemoryBytes < memory)
    problems.push(
      `Only ${amount(machine.availableMemoryBytes)} of memory are available: ${amount(memory)} are needed. End other programs, or give the machine more.`,
    );
  if (machine.fileSystem === "overlay")
    problems.push(
      `${machine.sandboxFolder} is on an overlay file system, on which containers' layers cannot be stacked: put the checkout on a volume or a plain disk.`,
    );
  if (machine.sandboxFolder.length + longestSocket.length > 107)
    problems.push(
      `The path ${machine.sandboxFolder} is too long for the sockets in it: move the checkout to one of ${107 - longestSocket.length - "/.sandbox".length} characters at most.`,
    );
  return [...problems, ...machine.takenPorts.map(describePort)];
}

/** Ports that another process has now, a line each with the remedy. */
export function portsInTheWay(): string[] {
  return takenPorts().map(describePort);
}

function describePort({ port, neededBy, process }: TakenPort): string {
  const owner = process ? `by process ${process.pid} (${process.command})` : "by a process that cannot be seen";
  const remedy = process ? `stop it, for example with "kill ${process.pid}"` : "stop whatever listens there";
  return `Port ${port}, which ${neededBy} needs, is taken ${owner}: ${remedy}. If it is the sandbox of another checkout, "npm run down" there.`;
}

function amount(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}

/** Parts of the sandbox, without Pulumi's. syft is among them only if releases get names, and with them SBOMs. */
export const sandboxParts = (named: boolean, path?: string): readonly CompiledPart[] =>
  named ? [...clusterParts, ...syftParts(path)] : clusterParts;

/**
 * Inspects this machine, without changing anything.
 *
 * @param named true if releases get names, and with them SBOMs
 * @param addons parts of the needed add-ons
 */
export async function inspectMachine(named: boolean, addons: readonly CompiledPart[] = []): Promise<Machine> {
  const ours = [...sandboxParts(named), ...addons].filter((part) => !isCompiled(part));
  const parts = [...ours, ...(await pulumiPartsToCompile())];
  const memory = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
  const folder = existsSync(paths.root) ? paths.root : dirname(paths.root);
  const disk = statfsSync(folder);
  return {
    userId: process.getuid?.() ?? -1,
    hasApt: findProgram("apt-get") !== undefined,
    sandboxFolder: paths.root,
    fileSystem: disk.type === 0x794c7630 ? "overlay" : "other",
    freeDiskBytes: disk.bavail * disk.bsize,
    availableMemoryBytes: Number(memory?.[1]) * 1024 + (await memoryInUse()),
    toCompile: parts.map((part) => part.name),
    goVersion: parts.length > 0 ? await goVersion() : undefined,
    takenPorts: takenPorts(),
  };
}

/** Bytes that the running sandbox uses, which count as available. */
async function memoryInUse(): Promise<number> {
  return existsSync(paths.kubeconfig) && occupied([ports.apiServer]).length > 0 ? memoryNeeded.toRun : 0;
}

async function goVersion(): Promise<string | undefined> {
  const result = await attempt(["go", "env", "GOVERSION"], { within: 10 }).catch(() => undefined);
  return result && /^go(\S+)/.exec(result.stdout)?.[1];
}

function takenPorts(): TakenPort[] {
  return occupied(Object.values(ports))
    .filter(({ pid }) => pid === undefined || !hasEnvironment(pid, serviceMark))
    .map(({ port, pid }) => ({
      port,
      neededBy: Object.entries(ports).find(([, number]) => number === port)?.[0] ?? "the sandbox",
      process: pid === undefined ? undefined : { pid, command: argumentsOf(pid).slice(0, 2).join(" ") },
    }));
}
