import { readFileSync } from "node:fs";

/** Text of a file that may be absent, or vanish while it is read, as those of processes do. */
export function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
