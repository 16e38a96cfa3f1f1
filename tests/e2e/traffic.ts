/** What a stream of requests came to. */
export interface Traffic {
  requests: number;
  /** What went wrong, each with its time. */
  failures: string[];
  /** The texts whose writing was acknowledged. */
  acknowledged: string[];
}

/**
 * Writes and reads messages one after the other, several at a time, until told to stop.
 *
 * @param url the application's address
 * @param streams how many at a time
 * @returns stop() ends it and tells what it came to
 */
export function startTraffic(url: string, streams = 4): { readonly sofar: Traffic; stop(): Promise<Traffic> } {
  const traffic: Traffic = { requests: 0, failures: [], acknowledged: [] };
  const origin = `${Date.now()}`;
  let stopped = false;
  const send = async (expected: number, init?: RequestInit): Promise<boolean> => {
    traffic.requests++;
    try {
      const response = await fetch(`${url}/api/messages`, { ...init, signal: AbortSignal.timeout(30_000) });
      const body = await response.text();
      if (response.status === expected) return true;
      traffic.failures.push(`${new Date().toISOString()} ${response.status} ${body.slice(0, 200)}`);
    } catch (error) {
      traffic.failures.push(`${new Date().toISOString()} ${error} ${(error as Error).cause ?? ""}`);
    }
    return false;
  };
  const stream = async (number: number) => {
    for (let count = 0; !stopped; count++) {
      const text = `${origin}-${number}-${count}`;
      const headers: Record<string, string> = { "content-type": "application/json" };
      // Half of them over one connection for as long as it lasts, half over a new one each time.
      if (number % 2 === 1) headers.connection = "close";
      if (await send(201, { method: "POST", headers, body: JSON.stringify({ text }) })) traffic.acknowledged.push(text);
      await send(200);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const running = Promise.all(Array.from({ length: streams }, (_, number) => stream(number)));
  return {
    sofar: traffic,
    stop: async () => {
      stopped = true;
      await running;
      return traffic;
    },
  };
}
