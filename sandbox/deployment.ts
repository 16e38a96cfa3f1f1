import { run, runVisibly } from "./command.ts";
import { environment, repository } from "./places.ts";
import { Failure, say } from "./progress.ts";
import { recoverStack } from "./stack-recovery.ts";

/** The stack that `up` deploys. */
export const stack = "dev";

/**
 * Runs the real `pulumi up` on the program in this repository.
 *
 * @param folder where the stack's settings are
 * @throws Failure when it fails; its output says why
 */
export async function deploy(name = stack, folder = repository): Promise<void> {
  const options = { cwd: folder, env: environment() };
  await run(["pulumi", "stack", "select", "--create", name, "--non-interactive"], options);
  await recoverStack(name, options);
  say(`pulumi up -s ${name}`);
  const code = await runVisibly(["pulumi", "up", "-s", name, "--yes"], options);
  if (code !== 0) {
    throw new Failure(
      `pulumi up failed (exit code ${code}); its output above says why. The cluster keeps running: once that is put right, repeat "npm run up".`,
    );
  }
}

/** Where the deployed application is served: the stack's output `url`. @throws Failure if there is none */
export async function deployedUrl(name = stack): Promise<string> {
  const options = { cwd: repository, env: environment() };
  return (await run(["pulumi", "stack", "output", "url", "-s", name], options)).trim();
}

/**
 * Writes a message through the application and reads it back. One that has no messages, another than the sample, has to
 * answer. After a stop the pods start anew: it is tried again for a minute.
 *
 * @returns the message, where there is one
 * @throws Failure with the application's last answer
 */
export async function proveServing(url: string, seconds = 60): Promise<string | undefined> {
  const text = `Written by npm run up at ${new Date().toISOString()}`;
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const problem = await writeAndRead(url, text).catch((error: Error) => error.message);
    if (problem === undefined) return text;
    if (problem === noMessages && (await answers(url))) return undefined;
    if (Date.now() > deadline)
      throw new Failure(
        `${url} does not serve: ${problem}. Look at the pods: eval "$(npm run -s env)"; kubectl get pods -A`,
      );
    await new Promise((resume) => setTimeout(resume, 500));
  }
}

const noMessages = "it has no messages, and answers at / with an error";

const answers = (url: string): Promise<boolean> =>
  fetch(url, { redirect: "manual", signal: AbortSignal.timeout(5000) }).then(
    ({ status }) => status < 500,
    () => false,
  );

/** Undefined when it worked, else what went wrong. */
async function writeAndRead(url: string, text: string): Promise<string | undefined> {
  const address = new URL("/api/messages", url);
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text }) };
  const written = await fetch(address, { ...request, signal: AbortSignal.timeout(5000) });
  if ([404, 405].includes(written.status)) return noMessages;
  if (!written.ok) return `POST ${address} answered ${written.status}: ${await written.text()}`;
  const read = await fetch(address, { signal: AbortSignal.timeout(5000) });
  const body = await read.text();
  return read.ok && body.includes(text)
    ? undefined
    : `GET ${address} answered ${read.status} without the message: ${body.slice(0, 300)}`;
}
