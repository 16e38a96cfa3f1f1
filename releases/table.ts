import { newestFirst } from "../components/verified.ts";
import type { StackOutputs } from "./stack-outputs.ts";

/** A stack and what its last finished update says; undefined where there has been none. */
export type Deployed = readonly [stack: string, outputs: StackOutputs | undefined];

/**
 * Releases by environments, the newest first: `running`, `verified` (it was healthy there once), or nothing.
 * What runs without a name stands first, by its digest.
 */
export function table(environments: readonly Deployed[]): string {
  const verified = Object.assign({}, ...environments.map(([, outputs]) => outputs?.verified));
  const running = environments.flatMap(([, outputs]) => outputs?.running?.name ?? []);
  const names = newestFirst({ ...verified, ...Object.fromEntries(running.map((name) => [name, {}])) });
  const unnamed = environments.filter(([, outputs]) => outputs?.image && !outputs.running?.name);
  const rows = [
    ["release", "commit", ...environments.map(([stack]) => stack)],
    ...unnamed.map(([stack, outputs]) => [
      outputs?.image?.split("@")[1]?.slice(0, 19) ?? "",
      short(outputs?.running?.commit),
      ...environments.map(([other]) => (other === stack ? "running" : "")),
    ]),
    ...names.map((name) => [
      name,
      short(verified[name]?.commit),
      ...environments.map(([, outputs]) => state(name, outputs)),
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

function state(name: string, outputs: StackOutputs | undefined): string {
  if (outputs?.running?.name === name) return outputs.running.breakGlass ? "running (break glass)" : "running";
  return outputs?.verified[name] ? "verified" : "";
}

const short = (commit = ""): string => commit.replace(/^([0-9a-f]{8})[0-9a-f]*/, "$1");
