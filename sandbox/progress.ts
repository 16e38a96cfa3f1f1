import { runMain } from "../commands/cli/run-main.ts";

const began = performance.now();

/** Seconds since the command was started, for the left-hand column. */
function elapsed(): string {
  return `${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s`;
}

/** Prints one line with the time since the start in front. */
export function say(text: string): void {
  console.log(`${elapsed()}  ${text}`);
}

/** How long a phase took, in the order in which the phases began. */
const phases: { name: string; seconds: number }[] = [];

/** Runs one phase and notes its time, for a phase that shows by itself that it goes on. */
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
 * Runs one phase and notes its time. While it lasts, a line every ten seconds says that it still does, and what it is at.
 * @param detail what to show besides the name, asked anew for every line
 */
export async function phase<T>(name: string, work: () => Promise<T>, detail: () => string = () => ""): Promise<T> {
  const ticker = setInterval(() => {
    const at = detail();
    say(`${name}: still at it${at && `, ${at}`}`);
  }, 10_000);
  try {
    return await timed(name, work);
  } finally {
    clearInterval(ticker);
  }
}

/** The phases so far with their times, in one line. */
export function summary(): string {
  return phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(", ");
}

/** Runs a command of the sandbox, as `runMain` does. */
export function runSandbox(main: () => Promise<void>): Promise<void> {
  // Folders of images and volumes are created with it: with a stricter one, no user but root could enter them.
  process.umask(0o022);
  // Ends through the exit handlers, which release the lock.
  process.once("SIGTERM", () => process.exit(143));
  return runMain(main);
}
