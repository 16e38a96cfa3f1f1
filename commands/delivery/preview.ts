import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { previousOf, stackFiles } from "../../settings/stack-files.ts";
import { readArguments, required, stackOption, textOption } from "../cli/arguments.ts";
import { runMain } from "../cli/run-main.ts";
import { type PulumiOutput, readOutput, runDriftCheck, runPreview } from "../preview/run-previews.ts";
import { hideSecrets } from "../preview/secrets.ts";
import { stackOutputs } from "../releases/stack-outputs.ts";

const usage = `npm run preview -- -s STACK --output FILE.json [--drift]
  FILE.json   what npm run review, npm run apply and npm run drift read
  --drift     changes outside Pulumi, instead of the changes that an update would make`;

/**
 * Makes a preview that others may read: without any secret, and otherwise the same for a review. Adds policy violations
 * and failures that `pulumi` printed outside of the JSON.
 */
export function withoutSecrets(stack: string, printed: PulumiOutput): string {
  const json = jsonOf(printed.stdout);
  if (!json) return hideSecrets(printed.stdout + printed.stderr);
  const { diagnostics = [], ...rest } = json;
  // Some of these are in the JSON already; a review shows each failure once.
  const added = readOutput(stack, printed).failures.map((message) => ({ severity: "error", message }));
  const { policyEvents } = printed;
  return `${JSON.stringify(hideSecrets({ ...rest, policyEvents, diagnostics: [...diagnostics, ...added] }))}\n`;
}

/** Parses the JSON; the program's own output may precede it. */
function jsonOf(text: string): { readonly diagnostics?: readonly unknown[] } | undefined {
  try {
    return JSON.parse(text.slice(Math.max(0, text.search(/^\{/m))));
  } catch {
    return undefined;
  }
}

/** Runs the preview; if the stack builds releases, under the name of a release. */
async function runNamedPreview(stack: string): Promise<PulumiOutput> {
  const file = stackFiles().find((each) => each.stack === stack);
  if (!file || previousOf(file)) return runPreview(stack);
  // Loaded late, because it loads the whole program and the SDK.
  const { withName, previewName } = await import("./next-release.ts");
  // If the outputs can't be read, the preview fails too, and says why.
  const name = await stackOutputs(stack)
    .then((outputs) => previewName(file, outputs?.verified ?? {}))
    .catch(() => undefined);
  return withName(file, name, () => runPreview(stack));
}

/** Writes the preview's file, also if the preview fails: the review shows the reason. */
async function main(): Promise<void> {
  const options = { stack: stackOption, output: textOption, drift: { type: "boolean" } } as const;
  const { values } = readArguments(usage, { options, most: 0 });
  const stack = required(usage, "-s", values.stack, "the name of a stack");
  const output = required(usage, "--output", values.output, "the path of a file");
  const printed = await (values.drift ? runDriftCheck(stack) : runNamedPreview(stack));
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, withoutSecrets(stack, printed));
  const { failures } = readOutput(stack, printed);
  console.log(failures.length > 0 ? `${stack}: the preview fails.\n${failures.join("\n")}` : `${stack}: ${output}`);
}

if (import.meta.main) await runMain(main);
