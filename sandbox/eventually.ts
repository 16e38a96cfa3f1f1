import { setTimeout as sleep } from "node:timers/promises";

/** Options of `eventually`. */
export interface Waiting {
  /** Milliseconds between two attempts. @default 500 */
  readonly pause?: number;
  /** Called after each attempt: throws if waiting any longer is pointless. */
  readonly check?: () => void;
  /** Error to throw at the deadline, given the reason why the last attempt failed. @default the last error itself */
  readonly timedOut?: (reason: string) => Error;
}

/** Repeats work until it succeeds. @throws the error of `timedOut` if it does not within these seconds */
export async function eventually<T>(
  work: () => Promise<T>,
  seconds = 60,
  { pause = 500, check, timedOut }: Waiting = {},
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const outcome = await work().then(
      (value) => ({ value }),
      (error: Error) => ({ error }),
    );
    check?.();
    if ("value" in outcome) return outcome.value;
    if (Date.now() > deadline) throw timedOut?.(outcome.error.message) ?? outcome.error;
    await sleep(pause);
  }
}
