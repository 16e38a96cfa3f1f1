import { count, joined, kindName, list, type Sentence, say, shown, unknown } from "../cli/sentence.ts";
import { changedFields, type FieldChange, onlyRenamed, shortName, withoutSuffix } from "../preview/changed-fields.ts";
import type { Preview, Step } from "../preview/preview.ts";
import { accessChanges, breakGlass } from "./access.ts";
import { dataRisks } from "./data-risk.ts";
import { type CommitRange, commitsOf, ofRelease, releaseOf } from "./release.ts";
import { restarts, scaled } from "./restarts.ts";

/** How much a change is to be feared, the worst first. */
export const risks = ["data", "restarts", "access", "settings"] as const;
export type Risk = (typeof risks)[number];

/** One thing that would happen, in one sentence. */
export interface Change {
  readonly risk: Risk;
  readonly sentence: Sentence;
  /** Name of its resource, with its kind. */
  readonly resource: string;
  /** Commits that it brings, or takes back. */
  readonly commits?: CommitRange;
}

/** Everything that a preview would do, in sentences: the worst first, otherwise in the order of kinds and names. */
export function changesOf({ steps, isNew }: Preview): Change[] {
  const found = steps.flatMap((step) => sentences(step, isNew));
  const all = [...found.filter(({ several }) => !several), ...counted(found.filter(({ several }) => several))];
  return all
    .map(({ several: _, ...change }) => change)
    .sort((a, b) => risks.indexOf(a.risk) - risks.indexOf(b.risk) || a.resource.localeCompare(b.resource, "en"));
}

interface Found extends Change {
  /** What it has in common with others that are told in the same sentence. */
  readonly several?: { readonly op: Step["op"]; readonly kind: string; readonly name: string };
}

function sentences(step: Step, isNew: boolean): Found[] {
  if (!worthTelling(step)) return [];
  const { kind, name } = step;
  const resource = `${kind} ${name}`;
  const tell = (risk: Risk, told: readonly Sentence[]): Found[] =>
    told.map((sentence) => ({ risk, sentence, resource }));
  const restart = isNew && kind !== "Job" ? undefined : restarts(step, summary);
  const serious = [
    // Where there is nothing yet, what runs for the first time restarts nothing.
    ...tell(isNew ? "settings" : "restarts", restart ? [restart] : []),
    ...tell("data", dataRisks(step)),
    // Where there is nothing yet, whatever is new is no change to anybody.
    ...tell("access", isNew ? [] : [...accessChanges(step), ...breakGlass(step)]),
  ];
  if (serious.length > 0) return withCommits(serious, step);
  if (step.op === "same") return tell("settings", newlySafe(step));
  const found = tell("settings", [scaled(step) ?? ordinary(step)]);
  const counts = (step.op === "create" || step.op === "delete") && !step.missing;
  return withCommits(counts ? found.map((each) => ({ ...each, several: { op: step.op, kind, name } })) : found, step);
}

/** The commits of a release are told once, with the restart that brings them where there is one. */
function withCommits([first, ...rest]: readonly Found[], step: Step): Found[] {
  const commits = commitsOf(step);
  return first ? [commits ? { ...first, commits } : first, ...rest] : [];
}

/** Options that keep a resource, and did not so far; what loses them is a risk to the data. */
function newlySafe({ kind, name, before, after }: Step): Sentence[] {
  const it = say`${kindName(kind)} ${name}`;
  if (!before?.protect && after?.protect) return [say`${it} is protected from now on`];
  return !before?.retainOnDelete && after?.retainOnDelete
    ? [say`${it} stays from now on where its stack lets go of it`]
    : [];
}

/** Components and look-ups are nothing by themselves. */
const worthTelling = ({ before, after, type }: Step): boolean =>
  (after ?? before)?.custom !== false && type !== "pulumi:pulumi:StackReference";

/** The same done to several of a kind is told once. */
function counted(found: readonly Found[]): Found[] {
  const groups = Map.groupBy(found, ({ several }) => JSON.stringify([several?.op, several?.kind]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first?.several || group.length === 1) return group;
    const { op, kind } = first.several;
    const names = group.map(({ several }) => several?.name ?? "").sort();
    const many = /^[A-Za-z]\w*$/.test(kind) ? [count(names.length, kind)] : say`${names.length} of kind ${kind}`;
    return [{ ...first, sentence: say`${many} ${[op === "create" ? "are new" : "go"]}: ${list(names)}` }];
  });
}

function ordinary(step: Step): Sentence {
  const { op, kind, name, missing } = step;
  if (missing)
    return say`${kindName(kind)} ${name} was deleted outside Pulumi${[op === "drift" ? "" : ", and is made again"]}`;
  const verbs = {
    create: "is new",
    delete: "goes",
    replace: "is replaced",
    update: "changes",
    drift: "was changed outside Pulumi",
    same: "",
  };
  if (kind === "Image" && op !== "delete") return say`Image ${name} is built and pushed${tags(step)}`;
  const what = summary(step);
  return say`${kindName(kind)} ${name} ${[verbs[op]]}${what}`;
}

/** What an image would be called; what is not known yet is left out. */
function tags({ after }: Step): Sentence {
  const all = Array.isArray(after?.inputs.tags) ? after.inputs.tags : [];
  const known = all.filter((tag) => tag !== unknown).map((tag) => shown(tag));
  return known.length > 0 ? [": ", ...list(known)] : [];
}

/** What changes about a resource, in a few words: `: port 8000 → 8080, env A none → 1 and 3 more`. */
export function summary(step: Step): Sentence {
  const release = releaseOf(step);
  const fields = changedFields(step).filter((field) => !release.length || !ofRelease(field));
  const renamed = fields.filter(({ left, right }) => onlyRenamed(left, right));
  const users = [...new Set(renamed.map(({ right }) => withoutSuffix(String(right))))];
  // A login is named after the Secret that holds it.
  const named = ({ left, right }: FieldChange) => right === unknown && users.includes(withoutSuffix(String(left)));
  const values = new Map(
    fields
      .filter((field) => !renamed.includes(field) && !named(field))
      .map((field) => [JSON.stringify(said(field)), said(field)]),
  );
  const parts = [...release, ...values.values(), ...users.map((name) => say`uses the new ${name}`)];
  if (parts.length === 0) return [];
  const rest = parts.length - longest;
  return [": ", ...joined(parts.slice(0, longest), ", "), ...(rest > 0 ? [` and ${rest} more`] : [])];
}

/** How many fields a sentence names. */
const longest = 4;
/** Letters that it shows of a value. */
const longestValue = 60;

const said = ({ field, left, right }: FieldChange): Sentence => {
  // A made-up name differs from one environment to the next, and says nothing.
  const before = right === unknown && typeof left === "string" ? withoutSuffix(left) : left;
  const [from = "", to = ""] = [before, right].map((value) => shown(short(variable(field, value)), longestValue));
  // Part of an old value says nothing where there is no new one beside it.
  if (right === unknown && shown(short(before)).length > longestValue) return say`${fieldName(field)} → ${to}`;
  return say`${fieldName(field)} ${from} → ${to}`;
};

/** An environment variable that comes or goes, by its value alone. */
const variable = (field: string, value: unknown): unknown =>
  /\benv\[[^\]]+\]$/.test(field) && typeof value === "object" && value !== null && "value" in value
    ? value.value
    : value;

/** Field names that consist of words are ours to say. */
const fieldName = (field: string): Sentence => {
  const name = shortName(field);
  return /^[A-Za-z ]+$/.test(name) ? [name] : name.startsWith("env ") ? say`env ${name.slice(4)}` : say`${name}`;
};

/** A digest or a commit by its first digits. */
const short = (value: unknown): unknown =>
  typeof value === "string"
    ? value.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, "$1").replace(/\b([0-9a-f]{8})[0-9a-f]{32}\b/g, "$1")
    : value;
