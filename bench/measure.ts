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

/** One line of the report: a figure, what it is held against, and the bound that the project set itself. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly bound: string;
  readonly met: boolean;
}

/** Times some work against a floor, in turn, so that a slow moment of the machine meets both; the ratio of the medians. */
export async function against(
  what: string,
  floor: string,
  most: number,
  runs: number,
  work: { ours: () => Promise<unknown>; floor: () => Promise<unknown> },
): Promise<Row> {
  const ours: number[] = [];
  const floors: number[] = [];
  for (let run = 0; run < runs; run++) {
    floors.push(await seconds(work.floor));
    ours.push(await seconds(work.ours));
  }
  const ratio = median(ours) / median(floors);
  const measured = `${median(ours).toFixed(2)} s / ${median(floors).toFixed(2)} s = ${ratio.toFixed(2)} × ${floor}`;
  return { what, measured, bound: `${most} ×`, met: ratio <= most };
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

/** The rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ what, measured, bound, met }) => `| ${what} | ${measured} | ${bound} | ${met ? "yes" : "**no**"} |`,
  );
  return ["| what | measured | at most | met |", "| --- | --- | --- | --- |", ...lines].join("\n");
}
