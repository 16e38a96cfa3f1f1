import { UserError } from "../settings/user-error.ts";
import { run, runVisibly } from "./command.ts";
import { eventually } from "./eventually.ts";
import { type HttpResponse, httpRequest } from "./http.ts";
import { environment, repository } from "./paths.ts";
import { say } from "./progress.ts";
import { recoverStack } from "./stack-recovery.ts";

/** Stack that `up` deploys. */
export const stack = "dev";

/**
 * Runs `pulumi up` on the program in this repository.
 *
 * @param folder folder of the stack's settings
 * @throws UserError if it fails; its output says why
 */
export async function deploy(name = stack, folder = repository): Promise<void> {
  const options = { cwd: folder, env: environment() };
  await run(["pulumi", "stack", "select", "--create", name, "--non-interactive"], options);
  await recoverStack(name, options);
  say(`pulumi up -s ${name}`);
  const code = await runVisibly(["pulumi", "up", "-s", name, "--yes"], options);
  if (code !== 0) {
    throw new UserError(
      `pulumi up failed (exit code ${code}); its output above says why. The cluster still runs: correct the cause and repeat "npm run up".`,
    );
  }
}

/** URL of the deployed application: the stack's output `url`. @throws UserError if there is none */
export async function deployedUrl(name = stack): Promise<string> {
  const options = { cwd: repository, env: environment() };
  return (await run(["pulumi", "stack", "output", "url", "-s", name], options)).trim();
}

/**
 * Writes a message through the application and reads it back. An application without messages only has to answer.
 * Repeats that until the deadline, because pods restart after a stop of the sandbox.
 *
 * @returns the message, if the application has messages
 * @throws UserError with the application's last answer
 */
export function verifyServing(url: string, seconds = 60): Promise<string | undefined> {
  const text = `Written by npm run up at ${new Date().toISOString()}`;
  return eventually(() => writeAndRead(url, text), seconds, {
    timedOut: (reason) =>
      new UserError(
        `${url} does not serve: ${reason}. Look at the pods: eval "$(npm run -s env)"; kubectl get pods -A`,
      ),
  });
}

/** @returns the message; undefined if the application answers, but has no messages @throws Error if it does not serve */
async function writeAndRead(url: string, text: string): Promise<string | undefined> {
  const address = new URL("/api/messages", url);
  const written = await httpRequest(address, { text });
  if ([404, 405].includes(written.status)) {
    const { status } = await httpRequest(url);
    if (status >= 500) throw new Error("it has no messages, and answers at / with an error");
    return undefined;
  }
  if (!isOk(written)) throw new Error(`POST ${address} answered ${written.status}: ${written.body}`);
  const read = await httpRequest(address);
  if (isOk(read) && read.body.includes(text)) return text;
  throw new Error(`GET ${address} answered ${read.status} without the message: ${read.body.slice(0, 300)}`);
}

const isOk = ({ status }: HttpResponse): boolean => status >= 200 && status < 300;
