import type { Preview, Step } from "../preview/preview.ts";
import { type Change, changesOf, type Risk, risks } from "./changes.ts";
import type { CommitLog, Commits } from "./commits.ts";
import { diffOf } from "./diff.ts";

/** A change with what git knows of it. */
export interface Told extends Change {
  /** What lies between its commits; undefined where that is not known, or there are none. */
  readonly log?: Commits;
}

/** What is the same in one or several environments, and nowhere else. */
export interface Section {
  readonly environments: readonly string[];
  readonly changes: readonly Told[];
  /** Each resource's diff. */
  readonly diffs: readonly (readonly string[])[];
}

/** What people have to know of a number of previews. */
export interface Review {
  /** The environments, in the order in which a release passes through them. */
  readonly environments: readonly string[];
  /** What differs, the worst first; what is the same in several environments stands in one section. */
  readonly sections: readonly Section[];
  /** Environments that stay as they are. */
  readonly unchanged: readonly string[];
  /** Environments that would be made. */
  readonly made: readonly string[];
  /** Environments that were changed outside Pulumi, as a refresh has found. */
  readonly drifted: readonly string[];
  /** Environments whose preview failed, each with what failed. */
  readonly failed: readonly { readonly environment: string; readonly messages: readonly string[] }[];
  /** What policies remark, each once, with the environments that it is about. */
  readonly remarks: readonly { readonly environments: readonly string[]; readonly message: string }[];
  /** How many policies were asked, and how many of them have nothing to say. */
  readonly policies: { readonly asked: number; readonly hold: number };
  /** How many changes there are of each risk, each environment's counted. */
  readonly totals: Readonly<Record<Risk, number>>;
  /** The environments with changes of each risk. */
  readonly where: Readonly<Record<Risk, readonly string[]>>;
  /** Resources that stay as they are. */
  readonly noChange: number;
}

/**
 * Makes a review of previews.
 *
 * @param order the environments' names in the order to keep; others follow by name
 * @param commits looks up the commits between two releases
 */
export async function reviewOf(
  previews: readonly Preview[],
  order: readonly string[],
  commits: CommitLog,
): Promise<Review> {
  const place = ({ environment }: Preview) => (order.includes(environment) ? order.indexOf(environment) : order.length);
  const sorted = [...previews].sort((a, b) => place(a) - place(b) || a.environment.localeCompare(b.environment, "en"));
  const told = await Promise.all(sorted.map((preview) => tellAll(preview, commits)));
  const all = told.flatMap(({ environment, changes }) => changes.map(({ risk }) => ({ risk, environment })));
  const perRisk = <T>(value: (found: typeof all) => T) =>
    Object.fromEntries(risks.map((risk) => [risk, value(all.filter((each) => each.risk === risk))])) as Record<Risk, T>;
  const failed = sorted.filter(({ failures }) => failures.length > 0);
  return {
    environments: sorted.map(({ environment }) => environment),
    sections: sections(told),
    unchanged: told
      .filter(
        ({ environment, changes }) => changes.length === 0 && !failed.some((each) => each.environment === environment),
      )
      .map(({ environment }) => environment),
    made: sorted.filter(({ isNew }) => isNew).map(({ environment }) => environment),
    drifted: sorted.filter(({ steps }) => steps.some(({ op }) => op === "drift")).map(({ environment }) => environment),
    failed: failed.map(({ environment, failures }) => ({ environment, messages: failures })),
    remarks: remarks(sorted),
    policies: policies(sorted),
    totals: perRisk((found) => found.length),
    where: perRisk((found) => [...new Set(found.map(({ environment }) => environment))]),
    noChange: sorted.reduce((sum, { unchanged }) => sum + unchanged, 0),
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

interface Environment {
  readonly environment: string;
  readonly changes: readonly Told[];
  readonly diffs: readonly (readonly string[])[];
}

async function tellAll(preview: Preview, commits: CommitLog): Promise<Environment> {
  const changes = changesOf(preview).map(async (change): Promise<Told> => {
    const log = change.commits && (await commits(change.commits));
    return log ? { ...change, log } : change;
  });
  const name = ({ kind, name }: Step) => `${kind} ${name}`;
  const diffs = [...preview.steps]
    .filter(({ before, after }) => (after ?? before)?.custom)
    .sort((a, b) => name(a).localeCompare(name(b), "en"))
    .map(diffOf)
    .filter((lines) => lines.length > 1);
  return { environment: preview.environment, changes: await Promise.all(changes), diffs };
}

/** What is the same in the same environments belongs together. */
function sections(all: readonly Environment[]): Section[] {
  const found = new Map<
    string,
    { environments: string[]; changes: Map<string, Told>; diffs: Map<string, readonly string[]> }
  >();
  const collect = (part: "changes" | "diffs") => {
    const holders = Map.groupBy(
      all.flatMap((each) =>
        each[part].map((item) => ({ key: JSON.stringify(item), item, environment: each.environment })),
      ),
      ({ key }) => key,
    );
    for (const [key, group] of holders) {
      const environments = [...new Set(group.map(({ environment }) => environment))];
      const id = JSON.stringify(environments);
      const section = found.get(id) ?? { environments, changes: new Map(), diffs: new Map() };
      found.set(id, section);
      (section[part] as Map<string, unknown>).set(key, group[0]?.item);
    }
  };
  collect("changes");
  collect("diffs");
  const sorted = [...found.values()].map(({ environments, changes, diffs }) => ({
    environments,
    changes: [...changes.values()],
    diffs: [...diffs.values()],
  }));
  const worst = ({ changes: [first] }: Section) => (first ? risks.indexOf(first.risk) : risks.length);
  const place = ({ environments: [first] }: Section) => all.findIndex(({ environment }) => environment === first);
  return sorted.sort(
    (a, b) => worst(a) - worst(b) || place(a) - place(b) || b.environments.length - a.environments.length,
  );
}
