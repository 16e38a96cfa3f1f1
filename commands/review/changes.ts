import { count, list, resourceName, type Sentence, say, show, unknown } from "../cli/sentence.ts";
import type { Preview, Step } from "../preview/preview.ts";
import { accessChanges, breakGlass } from "./access.ts";
import { dataRisks } from "./data-risk.ts";
import { type CommitRange, commitsOf } from "./release.ts";
import { restarts, scaled } from "./restarts.ts";
import { summary } from "./summary.ts";
import { verbs } from "./verbs.ts";

/** Risks of a change, the worst first. */
export const risks = ["data", "restarts", "access", "settings"] as const;
export type Risk = (typeof risks)[number];

/** One effect of a preview, in one sentence. */
export interface Change {
  readonly risk: Risk;
  readonly sentence: Sentence;
  /** Kind and name of the resource. */
  readonly resource: string;
  /** Commits that a release adds or takes back. */
  readonly commits?: CommitRange;
}

/** Returns the effects of a preview: the worst first, then by kind and name. */
export function changesOf({ steps, isNew }: Preview): Change[] {
  const all = steps.flatMap((step) => stepChanges(step, isNew));
  const single = all.filter(({ group }) => !group);
  const changes = [...single, ...grouped(all.filter(({ group }) => group))]
    .map(({ group: _, ...change }) => change)
    .sort((a, b) => risks.indexOf(a.risk) - risks.indexOf(b.risk) || a.resource.localeCompare(b.resource, "en"));
  return withoutRepetition(changes);
}

/** Says once what several processes of a release have in common: its commits, and the reason for breaking the glass. */
function withoutRepetition(changes: readonly Change[]): Change[] {
  const seen = new Set<string>();
  const isNew = (value: unknown) => {
    const key = JSON.stringify(value);
    return !seen.has(key) && seen.add(key);
  };
  return changes
    .filter(({ risk, sentence }) => isNew([risk, sentence]))
    .map(({ commits, ...change }) => (commits && isNew(commits) ? { ...change, commits } : change));
}

interface StepChange extends Change {
  /** Present if other changes may share its sentence. */
  readonly group?: { readonly op: Step["op"]; readonly kind: string; readonly name: string };
}

function stepChanges(step: Step, isNew: boolean): StepChange[] {
  if (!isResource(step)) return [];
  const { kind, name, op } = step;
  const withRisk = (risk: Risk, sentences: readonly Sentence[]): StepChange[] =>
    sentences.map((sentence) => ({ risk, sentence, resource: `${kind} ${name}` }));
  const restart = isNew && kind !== "Job" ? undefined : restarts(step, summary);
  const serious = [
    // In a new environment nothing runs yet that could restart, and nobody has access that could change.
    ...withRisk(isNew ? "settings" : "restarts", restart ? [restart] : []),
    ...withRisk("data", dataRisks(step)),
    ...withRisk("access", isNew ? [] : [...accessChanges(step), ...breakGlass(step)]),
  ];
  if (serious.length > 0) return withCommits(serious, step);
  if (op === "same") return withRisk("settings", newProtection(step));
  const changes = withRisk("settings", [scaled(step) ?? ordinary(step)]);
  const mayShare = (op === "create" || op === "delete") && !step.missing;
  return withCommits(mayShare ? changes.map((each) => ({ ...each, group: { op, kind, name } })) : changes, step);
}

/** Adds the commits of a release to the first change only. */
function withCommits([first, ...rest]: readonly StepChange[], step: Step): StepChange[] {
  const commits = commitsOf(step);
  return first ? [commits ? { ...first, commits } : first, ...rest] : [];
}

/** Says that a resource is protected or kept from now on; the opposite is a risk to data. */
function newProtection(step: Step): Sentence[] {
  const { before, after } = step;
  const it = resourceName(step);
  if (!before?.protect && after?.protect) return [say`${it} is protected from now on`];
  return !before?.retainOnDelete && after?.retainOnDelete
    ? [say`${it} is kept from now on when its stack deletes it`]
    : [];
}

/** Returns whether a step is about a resource of its own, not a component or a look-up. */
const isResource = ({ before, after, type }: Step): boolean =>
  (after ?? before)?.custom !== false && type !== "pulumi:pulumi:StackReference";

/** Merges the creation or deletion of several resources of a kind into one sentence. */
function grouped(changes: readonly StepChange[]): StepChange[] {
  const groups = Map.groupBy(changes, ({ group }) => JSON.stringify([group?.op, group?.kind]));
  return [...groups.values()].flatMap((changes) => {
    const [first] = changes;
    if (!first?.group || changes.length === 1) return changes;
    const { op, kind } = first.group;
    const names = changes.map(({ group }) => group?.name ?? "").sort();
    const many = /^[A-Za-z]\w*$/.test(kind) ? [count(names.length, kind)] : say`${names.length} of kind ${kind}`;
    return [{ ...first, sentence: say`${many} ${[op === "create" ? "are new" : "are deleted"]}: ${list(names)}` }];
  });
}

function ordinary(step: Step): Sentence {
  const { op, kind, missing } = step;
  const it = resourceName(step);
  if (missing) return say`${it} was deleted outside Pulumi${[op === "drift" ? "" : ", and is created again"]}`;
  if (kind === "Image" && op !== "delete") return say`${it} is built and pushed${tags(step)}`;
  return say`${it} ${[verbs[op]]}${summary(step)}`;
}

/** Names the tags of an image that are known before the update. */
function tags({ after }: Step): Sentence {
  const all = Array.isArray(after?.inputs.tags) ? after.inputs.tags : [];
  const known = all.filter((tag) => tag !== unknown).map((tag) => show(tag));
  return known.length > 0 ? [": ", ...list(known)] : [];
}
