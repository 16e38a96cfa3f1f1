import { runProgram } from "../settings/run-program.ts";

/**
 * The commit that last changed a folder, with `-dirty` behind it where the folder has changes that are not committed.
 *
 * @returns undefined outside git, and in a clone too shallow to know
 */
export async function lastCommit(folder: string): Promise<string | undefined> {
  const git = async (...args: string[]) => (await runProgram("git", ["-C", folder, ...args])).trim();
  try {
    const [log, changes] = await Promise.all([
      git("log", "-1", "--format=%H %D", "--", "."),
      git("status", "--porcelain", "--", "."),
    ]);
    const [commit, ...decorations] = log.split(/,? /);
    // Where a clone was cut off, git takes the commit for one that changed everything.
    if (!commit || decorations.includes("grafted")) return undefined;
    return changes ? `${commit}-dirty` : commit;
  } catch {
    return undefined;
  }
}
