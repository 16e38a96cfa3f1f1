import { newestFirst, type Verified } from "../../components/release/verified.ts";
import type { Findings } from "./attestations.ts";
import type { StackOutputs } from "./stack-outputs.ts";

/** A stack and what its last finished update says; undefined where there has been none. */
export type Deployed = readonly [stack: string, outputs: StackOutputs | undefined];

/**
 * Releases by environments, the newest first: `running`, `verified` (it was healthy there once), or nothing.
 * What runs without a name stands first, by its digest.
 *
 * @param findings of the records that are kept of what runs: `kept`, or `wrong`. Default: they were not looked at
 */
export function releaseTable(environments: readonly Deployed[], findings: Findings = new Map()): string {
  const verified: Verified = Object.assign({}, ...environments.map(([, outputs]) => outputs?.verified));
  const running = environments.map(([, outputs]) => runningName(outputs, verified));
  const names = newestFirst({
    ...verified,
    ...Object.fromEntries(running.flatMap((name) => (name ? [[name, {}]] : []))),
  } as Verified);
  const unnamed = environments.filter(([, outputs], place) => outputs?.image && !running[place]);
  const rows = [
    ["release", "commit", "records", ...environments.map(([stack]) => stack)],
    ...unnamed.map(([stack, outputs]) => [
      outputs?.image?.split("@")[1]?.slice(0, 19) ?? "",
      short(outputs?.running?.commit),
      "",
      ...environments.map(([other]) => (other === stack ? "running" : "")),
    ]),
    ...names.map((name) => [
      name,
      short(verified[name]?.commit),
      told(findings.get(name)),
      ...environments.map(([, outputs], place) => state(name, running[place], outputs)),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const missing = environments.filter(([, outputs]) => !outputs?.image).map(([stack]) => stack);
  return [
    ...rows.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    ),
    ...(missing.length > 0 ? ["", `Not deployed yet: ${missing.join(", ")}`] : []),
  ].join("\n");
}

/** What a stack runs, by its own word, or by the name that the same digest has elsewhere. */
function runningName(outputs: StackOutputs | undefined, verified: Verified): string | undefined {
  const digest = outputs?.image?.split("@")[1];
  return outputs?.running?.name ?? newestFirst(verified).find((name) => verified[name]?.digest === digest);
}

function state(name: string, running: string | undefined, outputs: StackOutputs | undefined): string {
  if (name === running) return outputs?.running?.breakGlass ? "running (break glass)" : "running";
  return outputs?.verified[name] ? "verified" : "";
}

const told = (problems?: readonly string[]): string => (problems ? (problems.length > 0 ? "wrong" : "kept") : "");

const short = (commit = ""): string => commit.replace(/^([0-9a-f]{8})[0-9a-f]*/, "$1");
