import { readFileSync, writeFileSync } from "node:fs";
import { isScalar, parseDocument } from "yaml";
import { newestFirst, type Verified } from "../../components/release/verified.ts";
import { runProgram } from "../../settings/run-program.ts";
import { previousOf, type StackFile, stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { readArguments } from "../cli/arguments.ts";
import { runMain } from "../cli/run-main.ts";
import { stackOutputs } from "./stack-outputs.ts";

const usage = `npm run promote -- STACK [RELEASE]`;

/** Change of the release that a stack file names. */
export interface Promotion {
  readonly file: StackFile;
  /** Stack that verified the release. */
  readonly from: string;
  readonly before?: string;
  readonly after: string;
}

/**
 * Chooses the release to promote: the wanted one, or the newest that the previous stack verified.
 *
 * @param verified reads the releases that a stack verified; undefined if there is no such stack
 * @throws UserError if there is nothing to promote; it lists what could be promoted
 */
export async function choose(
  files: StackFile[],
  stack: string | undefined,
  wanted: string | undefined,
  verified: (stack: string) => Promise<Verified | undefined>,
): Promise<Promotion> {
  const file = files.find((each) => each.stack === stack);
  const from = file && previousOf(file);
  if (!file || !from) {
    const promotable = files.filter(previousOf).map((each) => each.stack);
    const missing = stack === undefined ? "To which stack?" : `There is no Pulumi.${stack}.yaml.`;
    const problem = file ? `${stack} builds its image.` : missing;
    throw new UserError(`${problem} Stacks that promote: ${promotable.join(", ") || "none"}.\n  ${usage}`);
  }
  const releases = await verified(from);
  const names = newestFirst(releases ?? {});
  const after = wanted ?? names[0];
  if (after === undefined || !names.includes(after)) {
    throw new UserError(
      `${after ?? "No release"} was ${after ? "never " : ""}verified in ${from}; Pulumi.${file.stack}.yaml stays as it is.\n` +
        `  Verified there: ${names.join(", ") || (releases ? "nothing yet" : "nothing; pulumi knows no such stack, see pulumi stack ls")}\n` +
        `  Deploy it there first: pulumi up --stack ${from}`,
    );
  }
  return { file, from, before: file.config["slipway:release"].name, after };
}

/** Writes a release's name into a stack file, and changes nothing else in it. */
export const writeRelease = ({ path }: StackFile, name: string): void =>
  writeFileSync(path, withRelease(readFileSync(path, "utf8"), name));

/** Replaces the release in the text of a stack file. */
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

/** Writes a verified release into a stack file, and shows the change. */
async function main(): Promise<void> {
  const [stack, wanted] = readArguments(usage, { options: {}, most: 2 }).positionals;
  const { file, from, before, after } = await choose(
    stackFiles(),
    stack,
    wanted,
    async (previous) => (await stackOutputs(previous))?.verified,
  );
  if (before === after)
    return console.log(`Pulumi.${stack}.yaml names ${after} already: the newest that ${from} has verified.`);
  writeRelease(file, after);
  console.log(`Pulumi.${stack}.yaml: release ${before ?? "none"} -> ${after}, verified in ${from}.\n`);
  console.log(await runProgram("git", ["diff", "--unified=0", "--", file.path]));
  console.log(`Next:
  pulumi preview --stack ${stack}      what it would change
  git commit -m "Promote ${after} to ${stack}" -- ${file.path}
  pulumi up --stack ${stack}           or a pull request, where CI deploys
Back: git revert that commit.`);
}

if (import.meta.main) await runMain(main);
