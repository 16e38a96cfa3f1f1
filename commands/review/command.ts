import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import type { Preview } from "../preview/preview.ts";
import { nameOf, readPreviewFile } from "../preview/preview-file.ts";
import { runPreviews } from "../preview/run-previews.ts";
import { commitsIn } from "./commits.ts";
import { asJson } from "./json.ts";
import { asMarkdown } from "./markdown.ts";
import { type Review, reviewOf } from "./review.ts";
import { asTerminal } from "./terminal.ts";

const usage = `npm run review -- [--format markdown|json|text] [--output FILE] [--fail-on data] [FILE.json …]
  FILE.json        the output of pulumi preview --json of one environment; without files, all environments are previewed.
                   What policies said is read from FILE.events beside it, the preview's --event-log.
                   One that is not there counts as a preview that failed
  --format         default: text in a terminal, markdown elsewhere
  --output FILE    default: standard output
  --fail-on data   exit code 3 where data would be lost or moved
Exit code 1 where a preview failed; what is written then says which, and why.`;

const formats = ["markdown", "json", "text"] as const;

/** What the command was asked for. */
export interface Request {
  readonly files: readonly string[];
  readonly format: (typeof formats)[number];
  /** File to write to. Default: standard output. */
  readonly output?: string;
  readonly failOnData: boolean;
}

/**
 * Reads the command line.
 *
 * @param terminal whether it is answered to a terminal
 * @throws UserError with the usage where it is not as it should be
 */
export function readRequest(args: readonly string[], terminal: boolean): Request {
  const { values, positionals } = parsed(args);
  const { output, format = terminal && !output ? "text" : "markdown", "fail-on": failOn } = values;
  const known = formats.find((each) => each === format);
  if (!known) throw new UserError(`--format is ${format}; allowed: ${formats.join(", ")}\n${usage}`);
  if (failOn !== undefined && failOn !== "data") throw new UserError(`--fail-on is ${failOn}; allowed: data\n${usage}`);
  return { files: [...new Set(positionals)], format: known, output, failOnData: failOn === "data" };
}

function parsed(args: readonly string[]) {
  const value = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { format: value, output: value, "fail-on": value },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n${usage}`);
  }
}

/** 1 where a preview failed, 3 where data is at risk and that was asked for, else 0. */
export function exitCode({ failed, totals }: Review, { failOnData }: Pick<Request, "failOnData">): number {
  if (failed.length > 0) return 1;
  return failOnData && totals.data > 0 ? 3 : 0;
}

/** A file and what was found in it. */
interface Read {
  readonly path: string;
  readonly preview: Preview;
}

/** Files of one stack, as of one in several projects, are told apart by their names, or else by their paths. */
export const apart = (read: readonly Read[]): Preview[] =>
  read.map(({ path, preview }) => {
    const others = read.filter((each) => each.path !== path && each.preview.environment === preview.environment);
    if (others.length === 0) return preview;
    const alike = others.some((each) => nameOf(each.path) === nameOf(path));
    return { ...preview, environment: alike ? path : nameOf(path) };
  });

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UserError(`${path} can't be written: ${(error as Error).message}`);
  }
}

async function main(): Promise<void> {
  const request = readRequest(process.argv.slice(2), process.stdout.isTTY ?? false);
  const stacks = stackFiles().map(({ stack }) => stack);
  if (request.files.length + stacks.length === 0)
    throw new UserError(`There is no Pulumi.STACK.yaml in ${process.cwd()}, so there is nothing to preview.\n${usage}`);
  const read = request.files.map((path) => ({ path, preview: readPreviewFile(path) }));
  const previews = read.length > 0 ? apart(read) : await runPreviews(stacks);
  const review = await reviewOf(previews, stacks, commitsIn());
  const colour = process.stdout.isTTY === true && !request.output && process.env.NO_COLOR === undefined;
  const text = { markdown: asMarkdown, json: asJson, text: (each: Review) => asTerminal(each, colour) }[request.format](
    review,
  );
  if (request.output) write(request.output, text);
  else process.stdout.write(text);
  process.exitCode = exitCode(review, request);
}

if (import.meta.main) await runMain(main);
