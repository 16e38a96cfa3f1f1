import { runProgram } from "../../settings/run-program.ts";
import type { CommitRange } from "./release.ts";

/** What lies between two commits. */
export interface Commits {
  /** The newest first, each with its short name and its subject. */
  readonly subjects: readonly string[];
  /** Whether the later state is the earlier commit: a rollback. */
  readonly back: boolean;
}

/** Looks up what lies between two commits; undefined where that is not known. */
export type CommitLog = (range: CommitRange) => Promise<Commits | undefined>;

/** A commit's full name; `-dirty` stands behind it where the source had changes that were not committed. */
const commit = /^([0-9a-f]{40,64})(-dirty)?$/;

/** Reads from the git repository in a folder. */
export const commitsIn =
  (folder = "."): CommitLog =>
  async ({ from, to }) => {
    const [earlier, later] = [from, to].map((name) => commit.exec(name)?.[1]);
    if (earlier === undefined || later === undefined) return undefined;
    const subjects = async (range: string) => {
      const git = ["-C", folder, "log", "--format=%h %s", "--no-show-signature", range, "--"];
      const log = await runProgram("git", git);
      return log.split("\n").filter((line) => line !== "");
    };
    try {
      const ahead = await subjects(`${earlier}..${later}`);
      if (ahead.length > 0 || earlier === later) return { subjects: ahead, back: false };
      return { subjects: await subjects(`${later}..${earlier}`), back: true };
    } catch {
      // Not a repository, or a clone that does not reach back so far.
      return undefined;
    }
  };
