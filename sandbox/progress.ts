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

/** An error whose message is all that a user needs; printed without a stack trace. */
export class Failure extends Error {}

/** Runs a command's story; a Failure ends it with its message and exit code 1. */
export async function tell(story: () => Promise<void>): Promise<void> {
  // Folders of images and volumes are made with it: by a stricter one, no user but root could enter them.
  process.umask(0o022);
  // Ends through the exit handlers, which give the lock back.
  process.once("SIGTERM", () => process.exit(143));
  // Whoever read along does so no longer, as `head` after its last line: ends as a SIGPIPE would end it, without a trace.
  process.stdout.on("error", () => process.exit(141));
  try {
    await story();
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    // At once: steps that go on beside the failed one would only bury its message.
    process.exit(1);
  }
}
