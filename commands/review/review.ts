import type { Preview, Step } from "../preview/preview.ts";
import { type Change, changesOf, type Risk, risks } from "./changes.ts";
import type { CommitLog, Commits } from "./commits.ts";
import { diffOf } from "./diff.ts";

/** A change with the commits of its release. */
export interface LoggedChange extends Change {
  /** Undefined if the change has no commits, or they are unknown. */
  readonly log?: Commits;
}

/** Changes that are the same in some environments, and in no other. */
export interface Section {
  readonly environments: readonly string[];
  readonly changes: readonly LoggedChange[];
  /** Lines of the diff of each resource. */
  readonly diffs: readonly (readonly string[])[];
}

/** A review of several previews. */
export interface Review {
  /** Environments in the order in which they are promoted. */
  readonly environments: readonly string[];
  /** The worst first. */
  readonly sections: readonly Section[];
  /** Environments without changes. */
  readonly unchanged: readonly string[];
  /** Environments that do not exist yet. */
  readonly made: readonly string[];
  /** Environments that were changed outside Pulumi. */
  readonly drifted: readonly string[];
  /** Environments whose preview failed, with the error messages. */
  readonly failed: readonly { readonly environment: string; readonly messages: readonly string[] }[];
  /** Violations of advisory policies, each once, with the environments that have it. */
  readonly remarks: readonly { readonly environments: readonly string[]; readonly message: string }[];
  /** How many policies were evaluated, and how many of them passed. */
  readonly policies: { readonly asked: number; readonly hold: number };
  /** Number of changes of each risk, over all environments. */
  readonly totals: Readonly<Record<Risk, number>>;
  /** Environments with changes of each risk. */
  readonly where: Readonly<Record<Risk, readonly string[]>>;
  /** Number of resources that do not change. */
  readonly unchangedResources: number;
}

/**
 * Reviews previews.
 *
 * @param order environments in the order in which they are promoted; others follow by name
 * @param commits looks up the commits between two releases
 */
export async function reviewOf(
  previews: readonly Preview[],
  order: readonly string[],
  commits: CommitLog,
): Promise<Review> {
  const index = ({ environment }: Preview) => (order.includes(environment) ? order.indexOf(environment) : order.length);
  const sorted = [...previews].sort((a, b) => index(a) - index(b) || a.environment.localeCompare(b.environment, "en"));
  const reviewed = await Promise.all(sorted.map((preview) => reviewEnvironment(preview, commits)));
  const all = reviewed.flatMap(({ environment, changes }) => changes.map(({ risk }) => ({ risk, environment })));
  const perRisk = <T>(value: (changes: typeof all) => T) =>
    Object.fromEntries(risks.map((risk) => [risk, value(all.filter((each) => each.risk === risk))])) as Record<Risk, T>;
  const names = (some: readonly { readonly environment: string }[]) => some.map(({ environment }) => environment);
  const failed = sorted.filter(({ failures }) => failures.length > 0);
  return {
    environments: names(sorted),
    sections: sections(reviewed),
    unchanged: names(reviewed.filter(({ changes }) => changes.length === 0)).filter(
      (environment) => !names(failed).includes(environment),
    ),
    made: names(sorted.filter(({ isNew }) => isNew)),
    drifted: names(sorted.filter(({ steps }) => steps.some(({ op }) => op === "drift"))),
    failed: failed.map(({ environment, failures }) => ({ environment, messages: failures })),
    remarks: remarks(sorted),
    policies: policies(sorted),
    totals: perRisk((changes) => changes.length),
    where: perRisk((changes) => [...new Set(names(changes))]),
    unchangedResources: sorted.reduce((sum, { unchanged }) => sum + unchanged, 0),
  };
}

function remarks(previews: readonly Preview[]): Review["remarks"] {
  const all = previews.flatMap(({ environment, policies }) =>
    (policies?.remarks ?? []).map((message) => ({ environment, message })),
  );
  return [...Map.groupBy(all, ({ message }) => message)].map(([message, group]) => ({
    environments: group.map(({ environment }) => environment),
    message,
  }));
}

function policies(previews: readonly Preview[]): Review["policies"] {
  const all = (part: "asked" | "broken") => new Set(previews.flatMap(({ policies }) => policies?.[part] ?? []));
  const broken = all("broken");
  const asked = [...all("asked")];
  return { asked: asked.length, hold: asked.filter((name) => !broken.has(name)).length };
}

interface ReviewedEnvironment {
  readonly environment: string;
  readonly changes: readonly LoggedChange[];
  readonly diffs: readonly (readonly string[])[];
}

async function reviewEnvironment(preview: Preview, commits: CommitLog): Promise<ReviewedEnvironment> {
  const changes = changesOf(preview).map(async (change): Promise<LoggedChange> => {
    const log = change.commits && (await commits(change.commits));
    return log ? { ...change, log } : change;
  });
  const name = ({ kind, name }: Step) => `${kind} ${name}`;
  const diffs = preview.steps
    .filter(({ before, after }) => (after ?? before)?.custom)
    .toSorted((a, b) => name(a).localeCompare(name(b), "en"))
    .map(diffOf)
    .filter((lines) => lines.length > 1);
  return { environment: preview.environment, changes: await Promise.all(changes), diffs };
}

/** Puts changes and diffs that the same environments have into one section. */
function sections(all: readonly ReviewedEnvironment[]): Section[] {
  const changes = shared(all, "changes");
  const diffs = shared(all, "diffs");
  const worst = ({ changes: [first] }: Section) => (first ? risks.indexOf(first.risk) : risks.length);
  const index = ({ environments: [first] }: Section) => all.findIndex(({ environment }) => environment === first);
  return [...new Set([...changes.keys(), ...diffs.keys()])]
    .map((key) => ({ environments: JSON.parse(key), changes: changes.get(key) ?? [], diffs: diffs.get(key) ?? [] }))
    .sort((a, b) => worst(a) - worst(b) || index(a) - index(b) || b.environments.length - a.environments.length);
}

/** Groups changes or diffs by the environments that have them, as JSON. */
function shared<Part extends "changes" | "diffs">(all: readonly ReviewedEnvironment[], part: Part) {
  type Item = ReviewedEnvironment[Part][number];
  const items = all.flatMap((each) => each[part].map((item: Item) => ({ item, environment: each.environment })));
  const same = [...Map.groupBy(items, ({ item }) => JSON.stringify(item)).values()];
  const groups = Map.groupBy(same, (group) =>
    JSON.stringify([...new Set(group.map(({ environment }) => environment))]),
  );
  return new Map([...groups].map(([key, group]) => [key, group.flatMap(([first]) => (first ? [first.item] : []))]));
}
