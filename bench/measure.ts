import { asMarkdown } from "../commands/cli/table.ts";
import { say } from "../sandbox/progress.ts";

/** The middle of several measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** Seconds that some work takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** One line of the report: a figure, what it is held against, and the bound that the project set itself, where it did. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly bound?: string;
  readonly met?: boolean;
}

/**
 * Times several ways to do the same in turn, so that a slow moment of the machine meets all of them.
 *
 * @param what what is measured, for the progress that is shown
 * @param rest what to wait for, untimed, before each: that what the one before has left behind is gone. Default: nothing
 * @returns seconds that each takes: the median of its runs
 */
export async function inTurn<Way extends string>(
  what: string,
  runs: number,
  ways: Readonly<Record<Way, () => Promise<unknown>>>,
  rest = async (): Promise<unknown> => undefined,
): Promise<Record<Way, number>> {
  const names = Object.keys(ways) as Way[];
  const taken = new Map<Way, number[]>(names.map((name) => [name, []]));
  for (let run = 1; run <= runs; run++) {
    for (const name of names) {
      await rest();
      taken.get(name)?.push(await seconds(ways[name]));
    }
    say(`${what}: ${run} of ${runs} measured`);
  }
  return Object.fromEntries([...taken].map(([name, values]) => [name, median(values)])) as Record<Way, number>;
}

/** What we take against what a floor takes, both in seconds, as a multiple of which the bound is given, where there is one. */
export function against(what: string, ours: number, floor: { what: string; takes: number }, most?: number): Row {
  const ratio = ours / floor.takes;
  const measured = `${ours.toFixed(2)} s / ${floor.takes.toFixed(2)} s = ${ratio.toFixed(2)} × ${floor.what}`;
  return most === undefined ? { what, measured } : { what, measured, bound: `${most} ×`, met: ratio <= most };
}

/** A figure against a bound of its own. */
export function atMost(what: string, figure: number, unit: string, most: number): Row {
  return {
    what,
    measured: `${figure.toFixed(figure < 10 ? 2 : 1)} ${unit}`,
    bound: `${most} ${unit}`,
    met: figure <= most,
  };
}

/** What something takes, in seconds, without a bound. */
export const takes = (what: string, seconds: number): Row => ({ what, measured: `${seconds.toFixed(2)} s` });

/** Formats the figures as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const verdict = (met?: boolean) => (met === undefined ? "" : met ? "yes" : "**no**");
  return asMarkdown(
    rows.map(({ what, measured, bound = "", met }) => ({ what, measured, "at most": bound, met: verdict(met) })),
  );
}
