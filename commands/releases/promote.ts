import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { isScalar, parseDocument } from "yaml";
import { newestFirst, type Verified } from "../../components/release/verified.ts";
import { previousOf, type StackFile, stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { stackOutputs } from "./stack-outputs.ts";

/** A promotion: which release goes where, and what was there before. */
export interface Promotion {
  readonly file: StackFile;
  /** Stack that has verified it. */
  readonly from: string;
  readonly before?: string;
  readonly after: string;
}

/**
 * Chooses what to promote: the newest release that the stack before has verified, or the one that is asked for.
 *
 * @param verified what each stack has verified; undefined where there is no such stack
 * @throws UserError where there is nothing to promote, with what could be
 */
export async function choose(
  files: StackFile[],
  stack: string | undefined,
  wanted: string | undefined,
  verified: (stack: string) => Promise<Verified | undefined>,
): Promise<Promotion> {
  const promotable = files.filter(previousOf).map((file) => file.stack);
  const file = files.find((each) => each.stack === stack);
  const from = file && previousOf(file);
  if (!file || !from) {
    const problem =
      stack === undefined
        ? "To which stack?"
        : file
          ? `${stack} builds its image.`
          : `There is no Pulumi.${stack}.yaml.`;
    throw new UserError(
      `${problem} Stacks that promote: ${promotable.join(", ") || "none"}.\n  npm run promote -- STACK [RELEASE]`,
    );
  }
  const releases = await verified(from);
  const known = newestFirst(releases ?? {});
  const after = wanted ?? known[0];
  if (after === undefined || !known.includes(after)) {
    throw new UserError(
      `${after ?? "No release"} was ${after ? "never " : ""}verified in ${from}; Pulumi.${file.stack}.yaml stays as it is.\n` +
        `  Verified there: ${known.join(", ") || (releases ? "nothing yet" : "nothing; pulumi knows no such stack, see pulumi stack ls")}\n` +
        `  Deploy it there first: pulumi up --stack ${from}`,
    );
  }
  return { file, from, before: file.config["slipway:release"].name, after };
}

/** Puts the release into the stack file: one value, and not a character more. */
export function write({ file, after }: Promotion): void {
  writeFileSync(file.path, withRelease(readFileSync(file.path, "utf8"), after));
}

/** The text of a stack file with another release in it. */
export function withRelease(text: string, name: string): string {
  const path = ["config", "slipway:release", "name"];
  const document = parseDocument(text);
  const node = document.getIn(path, true);
  if (isScalar(node) && node.range) {
    const [start, end] = node.range;
    return text.slice(0, start) + name + text.slice(end);
  }
  document.setIn(path, name);
  return document.toString();
}

/** npm run promote -- STACK [RELEASE] */
async function main(): Promise<void> {
  const [stack, wanted] = process.argv.slice(2);
  const promotion = await choose(stackFiles(), stack, wanted, async (from) => (await stackOutputs(from))?.verified);
  const { file, from, before, after } = promotion;
  if (before === after)
    return console.log(`Pulumi.${stack}.yaml names ${after} already: the newest that ${from} has verified.`);
  write(promotion);
  console.log(`Pulumi.${stack}.yaml: release ${before ?? "none"} -> ${after}, verified in ${from}.\n`);
  console.log(execFileSync("git", ["diff", "--unified=0", "--", file.path], { encoding: "utf8" }));
  console.log(`Next:
  pulumi preview --stack ${stack}      what it would change
  git commit -m "Promote ${after} to ${stack}" -- ${file.path}
  pulumi up --stack ${stack}           or a pull request, where CI deploys
Back: git revert that commit.`);
}

if (import.meta.main) await runMain(main);
