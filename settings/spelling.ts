import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isMapping, textMappings } from "./problems.ts";

/** A value that the program does not get as it is written in the stack file. */
export interface Respelled {
  /** Path of the setting, from its key on. */
  readonly path: readonly string[];
  /** Value that the program gets. */
  readonly value: unknown;
  /** Text in the stack file. */
  readonly text: string;
}

/**
 * Finds values that YAML reads as something else than what is written: 0777 as 511, 1.10 as 1.1, False as false, and
 * 2026-01-31 as a time of day.
 *
 * @param settings by key, without `slipway:`
 * @param file stack file; if there is none, nothing is found
 */
export function respelled(settings: Readonly<Record<string, unknown>>, file: string): Respelled[] {
  const suspects = textsIn(settings).filter(
    ([, value]) => typeof value === "number" || typeof value === "boolean" || isTime(value),
  );
  if (suspects.length === 0 || !existsSync(file)) return [];
  // Only now: few stack files have numbers there, and each preview would wait for it.
  const { isScalar, parse, parseDocument } = createRequire(import.meta.url)("yaml") as typeof import("yaml");
  const document = parseDocument(readFileSync(file, "utf8"));
  return suspects.flatMap(([[key = "", ...below], value]) => {
    const node = document.getIn(["config", `slipway:${key}`, ...below], true);
    const text = isScalar(node) && node.type === "PLAIN" ? node.source : undefined;
    if (text === undefined || text === String(value)) return [];
    // The configuration may come from another file. As numbers, YAML 1.1 and 1.2 read some texts differently.
    const isSame = isTime(value)
      ? text.slice(0, 10) === value.slice(0, 10)
      : [parse(text), parse(text, { version: "1.1" })].includes(value);
    return isSame ? [{ path: [key, ...below], value, text }] : [];
  });
}

/** Lists the values in mappings of text, with their paths. */
const textsIn = (node: unknown, path: string[] = []): [path: string[], value: unknown][] =>
  Object.entries(isMapping(node) ? node : {}).flatMap(([key, value]) =>
    textMappings.includes(path.at(-1) ?? "") ? [[[...path, key], value]] : textsIn(value, [...path, key]),
  );

/** A date of YAML, as Go prints it. */
const isTime = (value: unknown): value is string =>
  typeof value === "string" && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} \S+$/.test(value);
