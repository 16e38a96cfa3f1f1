import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { allProcesses } from "./process-identity.ts";

/** A socket that accepts connections on this machine. */
export interface Listener {
  readonly port: number;
  readonly inode: string;
}

const listening = "0A";

/** Reads the listening sockets out of the format of /proc/net/tcp and tcp6. */
export function parseListeners(table: string): Listener[] {
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listening)
    .map((fields) => ({ port: Number.parseInt(fields[1]?.split(":")[1] ?? "", 16), inode: fields[9] ?? "" }));
}

/** Which of these ports are listened on, and by which process (undefined when it cannot be seen). */
export function occupied(ports: readonly number[]): { port: number; pid: number | undefined }[] {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(readTable);
  const found = tables.flatMap(parseListeners).filter((each) => ports.includes(each.port));
  const first = found.filter((each, index) => found.findIndex((other) => other.port === each.port) === index);
  const owners = first.length > 0 ? socketOwners() : new Map<string, number>();
  return first.map(({ port, inode }) => ({ port, pid: owners.get(inode) }));
}

function readTable(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // No IPv6 on this machine.
  }
}

function socketOwners(): Map<string, number> {
  const owners = new Map<string, number>();
  for (const pid of allProcesses()) {
    for (const target of linksIn(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode) owners.set(inode, pid);
    }
  }
  return owners;
}

function linksIn(folder: string): string[] {
  return attemptOr([], () => readdirSync(folder)).map((name) => attemptOr("", () => readlinkSync(`${folder}/${name}`)));
}

/** Processes and their files go away while they are looked at. */
function attemptOr<T>(otherwise: T, look: () => T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
