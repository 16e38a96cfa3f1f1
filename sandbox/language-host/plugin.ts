import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type ServerWritableStream, status } from "@grpc/grpc-js";
import language from "@pulumi/pulumi/proto/language_pb.js";

/** Used fields of RunPluginRequest, as from `toObject()`. */
export interface PluginRequest {
  /** `analyzer` for a policy pack, `resource` for a package with components. */
  readonly kind: string;
  /** Folder of the program that uses the plugin. */
  readonly pwd: string;
  readonly argsList: readonly string[];
  /** Complete environment, as in `HOME=/root`. */
  readonly envList: readonly string[];
  readonly info?: { readonly programDirectory: string };
}

/**
 * Arguments for Node, environment and folder of a policy pack or a package with components, as in the official host.
 *
 * @param findRunner finds one of the SDK's starters among the packages of a folder
 */
export function pluginCommand(
  { kind, pwd, argsList, envList, info }: PluginRequest,
  findRunner: (folder: string, starter: string) => string,
): { argv: string[]; env: Record<string, string>; cwd: string } {
  const folder = info?.programDirectory ?? "";
  const variables = envList.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]);
  const env = Object.fromEntries(variables);
  if (kind === "analyzer")
    return { argv: [findRunner(folder, "run-policy-pack"), ...argsList, folder], env, cwd: folder };
  return { argv: [findRunner(folder, "run-plugin"), folder, ...argsList], env, cwd: pwd };
}

type Call = ServerWritableStream<InstanceType<typeof language.RunPluginRequest>, unknown>;

/**
 * Runs a plugin from its folder. The engine reads the port from the first line of output, and cancels the call to end the plugin.
 *
 * @param running set that contains the process while it runs
 */
export function runPlugin(call: Call, running: Set<ChildProcess>): void {
  const request = call.request.toObject();
  const { argv, ...options } = pluginCommand(request, (folder, starter) =>
    createRequire(join(folder, "package.json")).resolve(`@pulumi/pulumi/cmd/${starter}/index.js`),
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
