import { runProgram } from "../../settings/run-program.ts";
import type { CommitRange } from "./release.ts";

/** The commits between two releases. */
export interface Commits {
  /** Short hash and subject of each, the newest first. */
  readonly subjects: readonly string[];
  /** Whether it is a rollback, which takes these commits back. */
  readonly back: boolean;
}

/** Looks up the commits in a range; undefined if they are unknown. */
export type CommitLog = (range: CommitRange) => Promise<Commits | undefined>;

/** A commit's hash; `-dirty` follows if the source had uncommitted changes. */
const commit = /^([0-9a-f]{40,64})(-dirty)?$/;

/** Reads the git repository in a folder. */
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
      // Not a repository, or a shallow clone.
      return undefined;
    }
  };
