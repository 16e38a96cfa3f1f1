import { readdirSync, readlinkSync } from "node:fs";
import { allProcesses } from "./process-identity.ts";
import { readIfPresent } from "./read-file.ts";

/** Socket that accepts connections on this machine. */
export interface Listener {
  readonly port: number;
  readonly inode: string;
}

const listening = "0A";

/** Listening sockets in a table in the format of /proc/net/tcp and tcp6. */
export function parseListeners(table: string): Listener[] {
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listening)
    .map((fields) => ({ port: Number.parseInt(fields[1]?.split(":")[1] ?? "", 16), inode: fields[9] ?? "" }));
}

/** Ports that a process listens on, with its pid; undefined if this user can't see it. */
export function occupied(ports: readonly number[]): { port: number; pid: number | undefined }[] {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readIfPresent(path) ?? "");
  const listeners = tables.flatMap(parseListeners).filter((each) => ports.includes(each.port));
  const first = listeners.filter((each, index) => listeners.findIndex((other) => other.port === each.port) === index);
  const owners = first.length > 0 ? socketOwners() : new Map<string, number>();
  return first.map(({ port, inode }) => ({ port, pid: owners.get(inode) }));
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
  return orElse([], () => readdirSync(folder)).map((name) => orElse("", () => readlinkSync(`${folder}/${name}`)));
}

/** Result of reading a folder or link, or another value if it has vanished: processes end while we read. */
function orElse<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
