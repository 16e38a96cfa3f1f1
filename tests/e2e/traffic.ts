import { setTimeout as sleep } from "node:timers/promises";

/** Result of the requests so far. */
export interface Traffic {
  requests: number;
  /** Failures, each with its time. */
  failures: string[];
  /** Texts of the acknowledged writes. */
  acknowledged: string[];
}

/**
 * Writes and reads messages in several streams during some work. Each stream sends one request after the other.
 *
 * @param url address of the application
 * @param work function that gets the result so far; if it throws, so does this
 */
export async function traffic(url: string, work: (soFar: Traffic) => Promise<unknown>): Promise<Traffic> {
  const soFar: Traffic = { requests: 0, failures: [], acknowledged: [] };
  const origin = `${Date.now()}`;
  let stopped = false;
  const send = async (expected: number, init?: RequestInit): Promise<boolean> => {
    soFar.requests++;
    try {
      const response = await fetch(`${url}/api/messages`, { ...init, signal: AbortSignal.timeout(30_000) });
      const body = await response.text();
      if (response.status === expected) return true;
      soFar.failures.push(`${new Date().toISOString()} ${response.status} ${body.slice(0, 200)}`);
    } catch (error) {
      soFar.failures.push(`${new Date().toISOString()} ${error} ${(error as Error).cause ?? ""}`);
    }
    return false;
  };
  const stream = async (number: number) => {
    for (let count = 0; !stopped; count++) {
      const text = `${origin}-${number}-${count}`;
      const headers: Record<string, string> = { "content-type": "application/json" };
      // Half of the streams reuse a connection, half open a new one for each request.
      if (number % 2 === 1) headers.connection = "close";
      if (await send(201, { method: "POST", headers, body: JSON.stringify({ text }) })) soFar.acknowledged.push(text);
      await send(200);
      await sleep(20);
    }
  };
  const running = Promise.all([0, 1, 2, 3].map(stream));
  try {
    await work(soFar);
  } finally {
    stopped = true;
    await running;
  }
  return soFar;
}
