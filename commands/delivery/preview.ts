import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { previousOf, stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { type Printed, runDriftCheck, runPreview, understood } from "../preview/run-previews.ts";
import { hideSecrets } from "../preview/secrets.ts";
import { stackOutputs } from "../releases/stack-outputs.ts";

const usage = `npm run preview -- -s STACK --output FILE.json [--drift]
  FILE.json   what npm run review, npm run apply and npm run drift read
  --drift     what was changed outside Pulumi, instead of what an update would do`;

/** What `npm run preview` was asked for. */
export interface Request {
  readonly stack: string;
  readonly output: string;
  readonly drift: boolean;
}

/** Reads the command line. @throws UserError with the usage where something is missing or unknown */
export function readRequest(args: readonly string[]): Request {
  const { stack, output, drift = false } = parsed(args);
  if (!stack) throw new UserError(`-s is missing: the stack to preview.\n${usage}`);
  if (!output) throw new UserError(`--output is missing: the file to write.\n${usage}`);
  return { stack, output, drift };
}

function parsed(args: readonly string[]) {
  try {
    const options = {
      stack: { type: "string", short: "s" },
      output: { type: "string" },
      drift: { type: "boolean" },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n${usage}`);
  }
}

/**
 * A preview as it may be kept where others read it: no secret is in it, whatever its place. What a review reads in it is
 * the same as in what was printed; what policies said and a failure that stands beside the JSON are put into it.
 */
export function keepable(stack: string, printed: Printed): string {
  const json = jsonOf(printed.stdout);
  if (!json) return hideSecrets(printed.stdout + printed.stderr);
  const { diagnostics = [], ...rest } = json;
  // Those of the JSON once more, and what stands beside it: a review says each of them once.
  const added = understood(stack, printed).failures.map((message) => ({ severity: "error", message }));
  const { policyEvents } = printed;
  return `${JSON.stringify(hideSecrets({ ...rest, policyEvents, diagnostics: [...diagnostics, ...added] }))}\n`;
}

/** Before the JSON a program's own output may stand. */
function jsonOf(text: string): { readonly diagnostics?: readonly unknown[] } | undefined {
  try {
    return JSON.parse(text.slice(Math.max(0, text.search(/^\{/m))));
  } catch {
    return undefined;
  }
}

/** Runs the preview, of a stack that builds releases under the name of one. */
async function previewed(stack: string): Promise<Printed> {
  const file = stackFiles().find((each) => each.stack === stack);
  if (!file || previousOf(file)) return runPreview(stack);
  // Loaded where source is read: the program's settings and the SDK come with it.
  const { named, previewName } = await import("./next-release.ts");
  // Where that can't be told, the preview can't be had either, and says why.
  const name = await stackOutputs(stack)
    .then((outputs) => previewName(file, outputs?.verified ?? {}))
    .catch(() => undefined);
  return named(file, name, () => runPreview(stack));
}

/** A preview that fails is kept like any other: the review says why. */
async function main(): Promise<void> {
  const { stack, output, drift } = readRequest(process.argv.slice(2));
  const printed = await (drift ? runDriftCheck(stack) : previewed(stack));
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, keepable(stack, printed));
  const { failures } = understood(stack, printed);
  console.log(failures.length > 0 ? `${stack}: the preview fails.\n${failures.join("\n")}` : `${stack}: ${output}`);
}

if (import.meta.main) await runMain(main);
