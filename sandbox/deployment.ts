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
 * Writes a message through the application and reads it back, trying again for a minute: after a stop the pods start anew.
 * @throws Failure with the application's last answer
 */
export async function proveMessages(url: string): Promise<string> {
  const text = `Written by npm run up at ${new Date().toISOString()}`;
  const deadline = Date.now() + 60_000;
  for (;;) {
    const problem = await writeAndRead(url, text).catch((error: Error) => error.message);
    if (problem === undefined) return text;
    if (Date.now() > deadline)
      throw new Failure(
        `${url} does not keep a message: ${problem}. Look at the pods: eval "$(npm run -s env)"; kubectl get pods -A`,
      );
    await new Promise((resume) => setTimeout(resume, 500));
  }
}

/** Undefined when it worked, else what went wrong. */
async function writeAndRead(url: string, text: string): Promise<string | undefined> {
  const address = new URL("/api/messages", url);
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text }) };
  const written = await fetch(address, { ...request, signal: AbortSignal.timeout(5000) });
  if (!written.ok) return `POST ${address} answered ${written.status}: ${await written.text()}`;
  const read = await fetch(address, { signal: AbortSignal.timeout(5000) });
  const body = await read.text();
  return read.ok && body.includes(text)
    ? undefined
    : `GET ${address} answered ${read.status} without the message: ${body.slice(0, 300)}`;
}
