import { runMain } from "../commands/cli/run-main.ts";

const began = performance.now();

/** Seconds since the start of the command, for the left-hand column. */
function elapsed(): string {
  return `${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s`;
}

/** Prints a line that begins with the time since the start. */
export function say(text: string): void {
  console.log(`${elapsed()}  ${text}`);
}

/** Phases in the order of their start. */
const phases: { name: string; seconds: number }[] = [];

/** Runs and times a phase that prints its own progress. */
export async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const entry = { name, seconds: 0 };
  phases.push(entry);
  try {
    return await work();
  } finally {
    entry.seconds = (performance.now() - start) / 1000;
  }
}

/**
 * Runs and times a phase, and prints a line of progress every ten seconds.
 *
 * @param detail text to print after the name
 */
export async function phase<T>(name: string, work: () => Promise<T>, detail: () => string = () => ""): Promise<T> {
  const ticker = setInterval(() => {
    const at = detail();
    say(`${name}: still running${at && `, ${at}`}`);
  }, 10_000);
  try {
    return await timed(name, work);
  } finally {
    clearInterval(ticker);
  }
}

/** Phases so far with their times, in one line. */
export function summary(): string {
  return phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(", ");
}

/** Runs the main function of a command of the sandbox, by `runMain`. */
export function runSandbox(main: () => Promise<void>): Promise<void> {
  // With a stricter umask, only root could enter the folders of images and volumes.
  process.umask(0o022);
  // The exit handlers release the lock.
  process.once("SIGTERM", () => process.exit(143));
  return runMain(main);
}
