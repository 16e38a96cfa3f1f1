import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * The commit that last changed a folder, with `-dirty` behind it where the folder has changes that are not committed.
 *
 * @returns undefined outside git, and in a shallow clone, which does not know
 */
export async function lastCommit(folder: string): Promise<string | undefined> {
  const git = async (...args: string[]) => (await promisify(execFile)("git", ["-C", folder, ...args])).stdout.trim();
  try {
    const [commit, isShallow, changes] = await Promise.all([
      git("log", "-1", "--format=%H", "--", "."),
      git("rev-parse", "--is-shallow-repository"),
      git("status", "--porcelain", "--", "."),
    ]);
    if (!commit || isShallow === "true") return undefined;
    return changes ? `${commit}-dirty` : commit;
  } catch {
    return undefined;
  }
}
