import type { RequestOptions } from "node:https";
import { http, https } from "../http.ts";
import { isObject } from "../properties.ts";

/** The API server refused a request: its own message, HTTP status and, for an invalid object, the fields it names. */
export class RefusedError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly fields: string[];

  constructor(status: number, body: unknown) {
    const said = isObject(body) ? body : {};
    super(typeof said.message === "string" ? said.message : `the API server answered with status ${status}`);
    this.status = status;
    this.reason = typeof said.reason === "string" ? said.reason : "";
    const causes = isObject(said.details) && Array.isArray(said.details.causes) ? said.details.causes : [];
    this.fields = causes.flatMap((cause) => (isObject(cause) && typeof cause.field === "string" ? [cause.field] : []));
  }
}

/** No answer from the API server: nothing listens there, or it took too long. */
export class UnreachableError extends Error {}

/** How long the API server may take to answer, in milliseconds. */
export const answerTimeoutMs = 60_000;

const connectTimeoutMs = 10_000;

/**
 * Sends one request and reads the answer as JSON.
 * @throws RefusedError for a status of 400 and more
 * @throws UnreachableError when there is no connection within ten seconds, or no answer within a minute
 */
export async function exchange(url: URL, options: RequestOptions, body?: string): Promise<unknown> {
  let answer: { status: number; text: string };
  try {
    answer = await send(url, options, body);
  } catch (error) {
    // The server may close an idle connection at the very moment at which it is used again. All requests may be repeated.
    if (!(error instanceof StaleConnectionError))
      throw new UnreachableError(`${url.origin}: ${(error as Error).message}`);
    return exchange(url, options, body);
  }
  const content = parseAnswer(answer.text);
  if (answer.status >= 400) throw new RefusedError(answer.status, content);
  return content;
}

class StaleConnectionError extends Error {}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.trim().slice(0, 500) };
  }
}

function send(url: URL, options: RequestOptions, body: string | undefined): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "http:" ? http : https).request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    const connecting = setTimeout(
      () => request.destroy(new Error(`no connection within ${connectTimeoutMs / 1000} s`)),
      connectTimeoutMs,
    );
    request.on("socket", (socket) => {
      if (!socket.connecting) clearTimeout(connecting);
      else socket.once(url.protocol === "http:" ? "connect" : "secureConnect", () => clearTimeout(connecting));
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${answerTimeoutMs / 1000} s`)));
    request.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(connecting);
      const isStale = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      reject(isStale ? new StaleConnectionError() : new Error(error.message || String(error.code ?? error)));
    });
    request.end(body);
  });
}
