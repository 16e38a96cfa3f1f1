import { newestFirst, type Verified } from "../../components/release/verified.ts";
import { parseReference } from "../../image/reference.ts";
import { asText, type Row } from "../cli/table.ts";
import type { Findings } from "./attestations.ts";
import type { StackOutputs } from "./stack-outputs.ts";

/** Stack and the outputs of its last finished update; undefined if it was never deployed. */
export type Deployed = readonly [stack: string, outputs: StackOutputs | undefined];

/**
 * Formats a table of releases by environments, the newest release first. A cell is `running`, `verified` (it was healthy
 * there once) or empty. Unnamed images come first, by their digests.
 *
 * @param findings problems of the attestations, shown as `intact` or `wrong`; empty if nothing was checked
 */
export function releaseTable(environments: readonly Deployed[], findings: Findings = new Map()): string {
  const verified: Verified = Object.assign({}, ...environments.map(([, outputs]) => outputs?.verified));
  const running = environments.map(([, outputs]) => runningName(outputs, verified));
  const row = (release: string, commit: string | undefined, attestations: string, states: readonly string[]): Row => ({
    release,
    commit: (commit ?? "").replace(/^([0-9a-f]{8})[0-9a-f]*/, "$1"),
    attestations,
    ...Object.fromEntries(environments.map(([stack], index) => [stack, states[index] ?? ""])),
  });
  const unnamed = environments.flatMap(([stack, outputs], index) => {
    if (!outputs?.image || running[index]) return [];
    const states = environments.map(([other]) => (other === stack ? "running" : ""));
    return [row(parseReference(outputs.image).digest?.slice(0, 19) ?? "", outputs.running?.commit, "", states)];
  });
  const names = new Set([...Object.keys(verified), ...running.flatMap((name) => name ?? [])]);
  const named = newestFirst(Object.fromEntries([...names].map((name) => [name, true]))).map((name) => {
    const problems = findings.get(name);
    const attestations = problems ? (problems.length > 0 ? "wrong" : "intact") : "";
    const states = environments.map(([, outputs], index) => state(name, running[index], outputs));
    return row(name, verified[name]?.commit, attestations, states);
  });
  const missing = environments.filter(([, outputs]) => !outputs?.image).map(([stack]) => stack);
  const notDeployed = missing.length > 0 ? `Not deployed yet: ${missing.join(", ")}` : "";
  return [asText([...unnamed, ...named]), notDeployed].filter(Boolean).join("\n\n");
}

/** Name of the release that a stack runs: its own, or the name of the same digest elsewhere. */
function runningName(outputs: StackOutputs | undefined, verified: Verified): string | undefined {
  const digest = outputs?.image && parseReference(outputs.image).digest;
  return outputs?.running?.name ?? newestFirst(verified).find((name) => verified[name]?.digest === digest);
}

function state(name: string, running: string | undefined, outputs: StackOutputs | undefined): string {
  if (name === running) return outputs?.running?.breakGlass ? "running (break glass)" : "running";
  return outputs?.verified[name] ? "verified" : "";
}
