import { execFileSync } from "node:child_process";

/**
 * The commit that last changed a folder, with `-dirty` behind it where the folder has changes that are not committed.
 *
 * @returns undefined outside git, and in a shallow clone, which does not know
 */
export function lastCommit(folder: string): string | undefined {
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const commit = git("log", "-1", "--format=%H", "--", ".");
    if (!commit || git("rev-parse", "--is-shallow-repository") === "true") return undefined;
    return git("status", "--porcelain", "--", ".") ? `${commit}-dirty` : commit;
  } catch {
    return undefined;
  }
}
