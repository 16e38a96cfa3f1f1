/** What a stream of requests came to. */
export interface Traffic {
  requests: number;
  /** What went wrong, each with its time. */
  failures: string[];
  /** The texts whose writing was acknowledged. */
  acknowledged: string[];
}

/**
 * Writes and reads messages one after the other, several at a time, for as long as some work takes.
 *
 * @param url the application's address
 * @param work what happens meanwhile, told what the requests have come to so far; where it throws, so does this
 * @param streams how many at a time
 * @returns what the requests came to
 */
export async function traffic(url: string, work: (sofar: Traffic) => Promise<unknown>, streams = 4): Promise<Traffic> {
  const sofar: Traffic = { requests: 0, failures: [], acknowledged: [] };
  const origin = `${Date.now()}`;
  let stopped = false;
  const send = async (expected: number, init?: RequestInit): Promise<boolean> => {
    sofar.requests++;
    try {
      const response = await fetch(`${url}/api/messages`, { ...init, signal: AbortSignal.timeout(30_000) });
      const body = await response.text();
      if (response.status === expected) return true;
      sofar.failures.push(`${new Date().toISOString()} ${response.status} ${body.slice(0, 200)}`);
    } catch (error) {
      sofar.failures.push(`${new Date().toISOString()} ${error} ${(error as Error).cause ?? ""}`);
    }
    return false;
  };
  const stream = async (number: number) => {
    for (let count = 0; !stopped; count++) {
      const text = `${origin}-${number}-${count}`;
      const headers: Record<string, string> = { "content-type": "application/json" };
      // Half of them over one connection for as long as it lasts, half over a new one each time.
      if (number % 2 === 1) headers.connection = "close";
      if (await send(201, { method: "POST", headers, body: JSON.stringify({ text }) })) sofar.acknowledged.push(text);
      await send(200);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const running = Promise.all(Array.from({ length: streams }, (_, number) => stream(number)));
  try {
    await work(sofar);
  } finally {
    stopped = true;
    await running;
  }
  return sofar;
}
