import assert from "node:assert/strict";
import { eventually } from "../../sandbox/eventually.ts";

/** Client of the sample application. */
export class Noticeboard {
  readonly url: string;

  constructor(nodePort: number) {
    this.url = `http://localhost:${nodePort}`;
  }

  /** Waits until a path answers with success. */
  ready(path = "/"): Promise<void> {
    return eventually(async () => assert.equal((await fetch(this.url + path)).status, 200));
  }

  async post(text: string): Promise<void> {
    const response = await fetch(`${this.url}/api/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
    });
    assert.equal(response.status, 201, await response.text());
  }

  /** Texts of the newest 100 messages, sorted. */
  async texts(): Promise<string[]> {
    const response = await fetch(`${this.url}/api/messages?limit=100`);
    assert.equal(response.status, 200);
    const page = (await response.json()) as { messages: { text: string }[] };
    return page.messages.map(({ text }) => text).sort();
  }

  /** Waits until a message is there. */
  async has(text: string, seconds = 120): Promise<void> {
    await eventually(async () => assert.ok((await this.texts()).includes(text)), seconds);
  }
}
