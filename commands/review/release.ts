import { type Sentence, say, shown, unknown } from "../cli/sentence.ts";
import type { FieldChange } from "../preview/changed-fields.ts";
import { metadataOf } from "../preview/manifest.ts";
import type { State, Step } from "../preview/preview.ts";

/** Two commits of the application's source, between which a release goes on, or back. */
export interface CommitRange {
  readonly from: string;
  readonly to: string;
}

/** The file in a ConfigMap by which the pods know their release. */
const file = "release.json";

/** What a release says of itself, and the image itself, once the release is named. */
export const ofRelease = ({ field, left, right }: FieldChange): boolean =>
  field.startsWith(`data[${file}]`) ||
  /annotations.*(org\.opencontainers\.image|kubernetes\.io\/change-cause|slipway\/break-glass)/.test(field) ||
  /\.image(\.digest)?$/.test(field) ||
  right === unknown ||
  [left, right].every((value) => /^sha256:[0-9a-f]{64}$/.test(String(value)));

/** `release v1.16 → v1.17`, where a resource says that of itself. */
export function releaseOf({ op, before, after }: Step): Sentence[] {
  if (op !== "update") return [];
  const [from, to] = [before, after].map((state) => annotation(state, "version") ?? nameInFile(state));
  // A file whose content only the update will know says nothing of its release.
  const known = from !== to && (after?.inputs.data as Record<string, unknown> | undefined)?.[file] !== unknown;
  return known ? [say`release ${shown(from)} → ${shown(to)}`] : [];
}

function nameInFile(state?: State): unknown {
  const text = (state?.inputs.data as Record<string, unknown> | undefined)?.[file];
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text).name;
  } catch {
    return undefined;
  }
}

/** What an object has of its image's labels: https://specs.opencontainers.org/image-spec/annotations/ */
const annotation = (state: State | undefined, key: "version" | "revision"): string | undefined =>
  metadataOf(state).annotations?.[`org.opencontainers.image.${key}`];

/** The commits between which a release goes. */
export function commitsOf({ op, before, after }: Step): CommitRange | undefined {
  const [from, to] = [before, after].map((state) => annotation(state, "revision"));
  return op === "update" && from !== undefined && to !== undefined && from !== to ? { from, to } : undefined;
}
