import { writeFileSync } from "node:fs";
import { stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { readArguments, textOption } from "../cli/arguments.ts";
import { runMain } from "../cli/run-main.ts";
import type { Preview } from "../preview/preview.ts";
import { readPreviewFile, stackOfFile } from "../preview/preview-file.ts";
import { previewStack } from "../preview/run-previews.ts";
import { commitsIn } from "./commits.ts";
import { asJson } from "./json.ts";
import { asFullMarkdown, asMarkdown } from "./markdown.ts";
import { type Review, reviewOf } from "./review.ts";
import { inTerminal } from "./terminal.ts";

const usage = `npm run review -- [--format markdown|json|text] [--output FILE] [--fail-on data] [FILE.json …]
  FILE.json        output of pulumi preview --json of one environment; without files, previews all environments.
                   The results of policies are read from FILE.events beside it, the preview's --event-log.
                   A file that does not exist counts as a failed preview
  --format         default: text in a terminal, markdown elsewhere
  --output FILE    default: standard output
  --fail-on data   exit code 3 if data would be lost or moved
Exit code 1 if a preview failed; the review then says which, and why.`;

const formats = ["markdown", "json", "text"] as const;

/** Arguments of the command. */
export interface Request {
  readonly files: readonly string[];
  readonly format: (typeof formats)[number];
  /** File to write to. @default standard output */
  readonly output?: string;
  readonly failOnData: boolean;
}

/**
 * Reads the command line.
 *
 * @param terminal whether standard output is a terminal
 * @throws UserError with the usage if an argument is not allowed
 */
export function readRequest(args: readonly string[], terminal: boolean): Request {
  const options = { format: textOption, output: textOption, "fail-on": textOption };
  const { values, positionals } = readArguments(usage, { options, most: Infinity }, args);
  const { output, "fail-on": failOn } = values;
  const name = values.format ?? (terminal && !output ? "text" : "markdown");
  const format = formats.find((each) => each === name);
  if (!format) throw new UserError(`--format is ${name}; allowed: ${formats.join(", ")}\n${usage}`);
  if (failOn !== undefined && failOn !== "data") throw new UserError(`--fail-on is ${failOn}; allowed: data\n${usage}`);
  return { files: [...new Set(positionals)], format, output, failOnData: failOn === "data" };
}

/** Returns 1 if a preview failed, 3 if data is at risk and the request asks for that, else 0. */
export function exitCode({ failed, totals }: Review, { failOnData }: Pick<Request, "failOnData">): number {
  if (failed.length > 0) return 1;
  return failOnData && totals.data > 0 ? 3 : 0;
}

/** Names previews of one stack, as in several projects, after their files, or else after their paths. */
export const withUniqueNames = (read: readonly { readonly path: string; readonly preview: Preview }[]): Preview[] =>
  read.map(({ path, preview }) => {
    const others = read.filter((each) => each.path !== path && each.preview.environment === preview.environment);
    if (others.length === 0) return preview;
    const alike = others.some((each) => stackOfFile(each.path) === stackOfFile(path));
    return { ...preview, environment: alike ? path : stackOfFile(path) };
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
  const previews =
    read.length > 0 ? withUniqueNames(read) : await Promise.all(stacks.map((stack) => previewStack(stack)));
  const review = await reviewOf(previews, stacks, commitsIn());
  const colour = process.stdout.isTTY === true && !request.output && process.env.NO_COLOR === undefined;
  const render = {
    markdown: asMarkdown,
    json: asJson,
    text: (each: Review) => inTerminal(asFullMarkdown(each), colour),
  }[request.format];
  if (request.output) write(request.output, render(review));
  else process.stdout.write(render(review));
  process.exitCode = exitCode(review, request);
}

if (import.meta.main) await runMain(main);
