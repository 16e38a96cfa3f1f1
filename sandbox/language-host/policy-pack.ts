import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type ServerWritableStream, status } from "@grpc/grpc-js";
import language from "@pulumi/pulumi/proto/language_pb.js";

/** What the engine says about the policy pack to run: the fields of RunPluginRequest that matter here, as `toObject()` gives them. */
export interface PolicyPackRequest {
  readonly argsList: readonly string[];
  /** All variables, as in `HOME=/root`. */
  readonly envList: readonly string[];
  readonly info?: { readonly programDirectory: string };
}

/**
 * The arguments for Node, the variables and the folder with which a policy pack is run: those of the official host.
 *
 * @param findRunner finds the SDK's own starter, as the pack in a folder would import it
 */
export function policyPackCommand(
  { argsList, envList, info }: PolicyPackRequest,
  findRunner: (folder: string) => string,
): { argv: string[]; env: Record<string, string>; cwd: string } {
  const cwd = info?.programDirectory ?? "";
  const variables = envList.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]);
  return { argv: [findRunner(cwd), ...argsList, cwd], env: Object.fromEntries(variables), cwd };
}

type Call = ServerWritableStream<InstanceType<typeof language.RunPluginRequest>, unknown>;

/**
 * Runs a policy pack for the engine, which reads the pack's port from its first line of output, and ends it by hanging up.
 *
 * @param running where its process is listed for as long as it runs
 */
export function runPolicyPack(call: Call, running: Set<ChildProcess>): void {
  const request = call.request.toObject();
  if (request.kind !== "analyzer") {
    call.emit("error", {
      code: status.UNIMPLEMENTED,
      details: `a plugin of the kind ${request.kind} is not run from a folder`,
    });
    return;
  }
  const { argv, ...options } = policyPackCommand(request, (folder) =>
    createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack/index.js"),
  );
  const child = spawn(process.execPath, argv, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.stdout.on("data", (output: Buffer) => call.write(response((each) => each.setStdout(output))));
  child.stderr.on("data", (output: Buffer) => call.write(response((each) => each.setStderr(output))));
  call.on("cancelled", () => child.kill());
  child.on("error", (error) => call.emit("error", { code: status.INTERNAL, details: error.message }));
  child.on("close", (code) => {
    running.delete(child);
    if (call.cancelled) return;
    call.write(response((each) => each.setExitcode(code ?? 1)));
    call.end();
  });
}

function response(fill: (empty: InstanceType<typeof language.RunPluginResponse>) => void): unknown {
  const filled = new language.RunPluginResponse();
  fill(filled);
  return filled;
}
