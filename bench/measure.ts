import { say } from "../sandbox/progress.ts";

/** Median of several measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** Seconds that work takes. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Line of the report: a figure and, if there is one, its bound. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly bound?: string;
  readonly met?: boolean;
}

/**
 * Times several ways to do the same in turn, so that a slow moment of the machine affects all of them.
 *
 * @param what name for the progress messages
 * @param settle untimed work before each measurement, to let the previous one end @default none
 * @returns median seconds of each way
 */
export async function inTurn<Way extends string>(
  what: string,
  runs: number,
  ways: Readonly<Record<Way, () => Promise<unknown>>>,
  settle = async (): Promise<unknown> => undefined,
): Promise<Record<Way, number>> {
  const names = Object.keys(ways) as Way[];
  const measured = new Map<Way, number[]>(names.map((name) => [name, []]));
  for (let run = 1; run <= runs; run++) {
    for (const name of names) {
      await settle();
      measured.get(name)?.push(await seconds(ways[name]));
    }
    say(`${what}: ${run} of ${runs} measured`);
  }
  return Object.fromEntries([...measured].map(([name, values]) => [name, median(values)])) as Record<Way, number>;
}

/** Compares our seconds with a baseline. @param most bound as a multiple of the baseline @default none */
export function compare(what: string, ours: number, baseline: { what: string; seconds: number }, most?: number): Row {
  const ratio = ours / baseline.seconds;
  const measured = `${ours.toFixed(2)} s / ${baseline.seconds.toFixed(2)} s = ${ratio.toFixed(2)} × ${baseline.what}`;
  return most === undefined ? { what, measured } : { what, measured, bound: `${most} ×`, met: ratio <= most };
}

/** Compares a figure with an absolute bound. */
export function atMost(what: string, figure: number, unit: string, most: number): Row {
  return {
    what,
    measured: `${figure.toFixed(figure < 10 ? 2 : 1)} ${unit}`,
    bound: `${most} ${unit}`,
    met: figure <= most,
  };
}

/** Markdown table of the rows. */
export function table(rows: readonly Row[]): string {
  const verdict = (met?: boolean) => (met === undefined ? "" : met ? "yes" : "**no**");
  const lines = rows.map(
    ({ what, measured, bound = "", met }) => `| ${what} | ${measured} | ${bound} | ${verdict(met)} |`,
  );
  return ["| what | measured | at most | met |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

/** Returns the values in turn, again and again. */
export function alternating<T>(values: readonly T[]): () => T {
  let turns = 0;
  return () => values[turns++ % values.length] as T;
}
