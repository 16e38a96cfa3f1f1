import { runProgram } from "../settings/run-program.ts";

/**
 * Finds the commit that last changed a folder, with the suffix `-dirty` if the folder has uncommitted changes.
 *
 * @returns undefined outside git, and in a clone that is too shallow
 */
export async function lastCommit(folder: string): Promise<string | undefined> {
  // Only reads: `git status` would write the index under a lock, beside whoever reads the folder or commits in it.
  const env = { ...process.env, GIT_OPTIONAL_LOCKS: "0" };
  const git = async (...args: string[]) => (await runProgram("git", ["-C", folder, ...args], { env })).trim();
  try {
    const [log, changes] = await Promise.all([
      git("log", "-1", "--format=%H %D", "--", "."),
      git("status", "--porcelain", "--", ".", ":(exclude,glob)**/.slipway/**"), // without staged builds
    ]);
    const [commit, ...decorations] = log.split(/,? /);
    // At the end of a shallow clone, git reports a commit that changed everything.
    if (!commit || decorations.includes("grafted")) return undefined;
    return changes ? `${commit}-dirty` : commit;
  } catch {
    return undefined;
  }
}
