import assert from "node:assert/strict";
import { eventually } from "../../sandbox/eventually.ts";
import { httpRequest } from "../../sandbox/http.ts";

/** Client of the sample application. */
export class Noticeboard {
  readonly url: string;

  constructor(nodePort: number) {
    this.url = `http://localhost:${nodePort}`;
  }

  /** Waits until a path answers with success. */
  ready(path = "/"): Promise<void> {
    return eventually(async () => assert.equal((await httpRequest(this.url + path)).status, 200));
  }

  async post(text: string): Promise<void> {
    const { status, body } = await httpRequest(`${this.url}/api/messages`, { text }, 30);
    assert.equal(status, 201, body);
  }

  /** Texts of the newest 100 messages, sorted. */
  async texts(): Promise<string[]> {
    const { status, body } = await httpRequest(`${this.url}/api/messages?limit=100`, undefined, 30);
    assert.equal(status, 200, body);
    return JSON.parse(body)
      .messages.map(({ text }: { text: string }) => text)
      .sort();
  }

  /** Waits until a message is there. */
  async has(text: string, seconds = 120): Promise<void> {
    await eventually(async () => assert.ok((await this.texts()).includes(text)), seconds);
  }
}
