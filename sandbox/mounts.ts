import { readFileSync, rmSync } from "node:fs";
import { sep } from "node:path";
import { UserError } from "../settings/user-error.ts";
import { attempt } from "./command.ts";

/** Mount points below a folder, innermost first, in a table in the format of /proc/self/mounts. */
export function mountsBelow(folder: string, mounts: string): string[] {
  const points = mounts.split("\n").map((line) => (line.split(" ")[1] ?? "").replace(/\\([0-7]{3})/g, fromOctal));
  return points.filter((point) => point.startsWith(folder + sep)).sort((a, b) => b.length - a.length);
}

function fromOctal(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 8));
}

/** Unmounts everything below a folder. A mount in use vanishes when its last user ends. */
export async function unmountBelow(folder: string): Promise<void> {
  for (const point of mountsBelow(folder, readMounts())) {
    const { code } = await attempt(["umount", point]);
    if (code !== 0) await attempt(["umount", "--lazy", point]);
  }
}

/** Removes a folder, but nothing that is mounted in it. @throws UserError if something is still mounted */
export async function removeFolder(folder: string): Promise<void> {
  await unmountBelow(folder);
  const left = mountsBelow(folder, readMounts());
  if (left.length > 0)
    throw new UserError(`${folder} is not removed: ${left[0]} is still mounted. Unmount it and repeat.`);
  rmSync(folder, { recursive: true, force: true });
}

function readMounts(): string {
  return readFileSync("/proc/self/mounts", "utf8");
}
