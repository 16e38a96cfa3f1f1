import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { attempt, type RunOptions, runLogged } from "./command.ts";
import { paths, searchPath } from "./paths.ts";
import { phase, say } from "./progress.ts";

/** Program from Debian that the sandbox uses. */
export interface DebianProgram {
  readonly program: string;
  readonly package: string;
  /** True to unpack the package instead of installing it, which would start a service on a machine with systemd. */
  readonly unpack?: boolean;
  /** Tells if a file of this name can be used. @default any file */
  readonly suits?: (file: string) => boolean;
}

/** Static, because images have no libraries for it; unpacked, because the package replaces the machine's own BusyBox. */
const busybox: DebianProgram = { program: "busybox", package: "busybox-static", unpack: true, suits: isStatic };

const programs: readonly DebianProgram[] = [
  { program: "etcd", package: "etcd-server", unpack: true },
  { program: "containerd", package: "containerd", unpack: true },
  { program: "ctr", package: "containerd", unpack: true },
  { program: "docker-registry", package: "docker-registry", unpack: true },
  { program: "runc", package: "runc" },
  { program: "iptables", package: "iptables" },
  { program: "ipset", package: "ipset" },
  { program: "conntrack", package: "conntrack" },
  { program: "ip", package: "iproute2" },
  { program: "mount", package: "mount" },
  { program: "openssl", package: "openssl" },
  busybox,
  { program: "debootstrap", package: "debootstrap" },
];

const networkPlugins = ["bridge", "host-local", "loopback", "portmap"];
const networkPackage = "containernetworking-plugins";

/** Folder of the CNI plugins, of the machine or unpacked; undefined if there is none. */
export function networkPluginFolder(): string | undefined {
  const folders = ["/usr/lib/cni", "/opt/cni/bin", join(paths.debian, "usr/lib/cni")];
  return folders.find((folder) => networkPlugins.every((name) => existsSync(join(folder, name))));
}

/** Full path of a program in the folders of a PATH; undefined if it is in none. */
export function findProgram(
  name: string,
  path: string = searchPath(),
  suits: (file: string) => boolean = existsSync,
): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(suits);
}

/** Path of the static BusyBox. @throws Error if there is none */
export function staticBusybox(): string {
  const path = findProgram(busybox.program, undefined, isStatic);
  if (!path) throw new Error("there is no static BusyBox");
  return path;
}

/** Tells if a file is a 64-bit ELF program without a dynamic loader. */
export function isStatic(file: string): boolean {
  if (!existsSync(file)) return false;
  const elf = readFileSync(file);
  if (elf.toString("latin1", 0, 5) !== "\x7fELF\x02") return false;
  const [table, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
  const loader = 3;
  return !Array.from({ length: count }, (_, index) => elf.readUInt32LE(table + index * size)).includes(loader);
}

const systemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"];

/** Full path of a program for a configuration file: the same whatever the caller's PATH, because services restart after a change. */
export function findConfigured(name: string, folders = systemFolders, path = searchPath()): string | undefined {
  return findProgram(name, [...folders, path].join(delimiter));
}

/** Full path of a program that a service runs: the sandbox's own, or the machine's, whatever the caller's PATH. */
export function findService(name: string): string | undefined {
  return findProgram(name, searchPath([...systemFolders, process.env.PATH ?? ""].join(delimiter)));
}

/** Programs that are in no folder of a PATH. */
export function missingPrograms(path?: string, wanted: readonly DebianProgram[] = programs): DebianProgram[] {
  return wanted.filter((each) => !findProgram(each.program, path, each.suits));
}

/**
 * Installs or unpacks missing programs.
 *
 * @param only the one program that is needed @default all that the sandbox uses
 * @throws UserError with the end of apt's log
 */
export async function ensureDebianPrograms(only?: string): Promise<void> {
  const missing = missingPrograms().filter(({ program }) => only === undefined || program === only);
  const install = missing.filter((each) => !each.unpack).map((each) => each.package);
  const unpack = new Set(missing.filter((each) => each.unpack).map((each) => each.package));
  if (only === undefined && !networkPluginFolder()) unpack.add(networkPackage);
  const wanted = [...install, ...unpack];
  if (wanted.length === 0) return;
  await phase("Debian packages", async () => {
    if (!(await haveCandidates(wanted))) await updateLists();
    if (install.length > 0) {
      await aptGetWithRetry("apt-install", ["install", "--yes", "--no-install-recommends", ...install], {
        env: { DEBIAN_FRONTEND: "noninteractive" },
      });
      say(`installed with apt: ${install.join(" ")}`);
    }
    for (const name of unpack) await unpackPackage(name);
  });
}

async function haveCandidates(names: readonly string[]): Promise<boolean> {
  const { stdout } = await attempt(["apt-cache", "policy", ...names]);
  return names.every((name) => new RegExp(`^${name}:\\n.*\\n  Candidate: [^(]`, "m").test(stdout));
}

// Waits for other upgrades, such as unattended ones.
const aptGet = ["apt-get", "-o", "DPkg::Lock::Timeout=120"];

const updateLists = () => runLogged("apt-update", [...aptGet, "update"]);

/** Runs apt-get. If that fails, updates the package lists, which may name versions that no mirror has, and retries once. @throws UserError */
async function aptGetWithRetry(step: string, args: readonly string[], options: RunOptions): Promise<void> {
  const get = () => runLogged(step, [...aptGet, ...args], options);
  await get().catch(() => updateLists().then(get));
}

async function unpackPackage(name: string): Promise<void> {
  const folder = join(paths.build, "packages", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await aptGetWithRetry(`apt-download-${name}`, ["download", name], { cwd: folder });
  for (const file of readdirSync(folder))
    await runLogged(`unpack-${name}`, ["dpkg", "-x", join(folder, file), paths.debian]);
  rmSync(folder, { recursive: true });
  say(`unpacked, not installed, so that no service starts: ${name}`);
}
