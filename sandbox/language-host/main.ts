import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import languageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { runPlugin } from "./plugin.ts";
import { programCommand } from "./program-command.ts";

/**
 * Language host for Node.js, for a Pulumi engine that was compiled without one. The engine starts this script, reads the port from its
 * first line of output, and sends requests to run programs. Further output is that of the programs.
 */
const engineAddress = process.argv.at(-1) ?? "";
/** Exit code of a program that failed and has printed why. */
const bailExitCode = 32;

const programs = new Set<ChildProcess>();

type Call<Request> = ServerUnaryCall<Request, unknown>;

function run(call: Call<InstanceType<typeof language.RunRequest>>, reply: sendUnaryData<unknown>): void {
  const request = call.request;
  const { argv, env } = programCommand(request.toObject(), engineAddress, (folder) =>
    createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run/index.js"),
  );
  const cwd = request.getInfo()?.getProgramDirectory() || request.getPwd();
  const child = spawn(process.execPath, argv, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  programs.add(child);
  call.on("cancelled", () => child.kill("SIGINT"));
  child.on("error", (error) =>
    reply({ code: status.INTERNAL, details: `the program cannot be started: ${error.message}` }),
  );
  child.on("close", (code, signal) => {
    programs.delete(child);
    const response = new language.RunResponse();
    if (code === bailExitCode) response.setBail(true);
    else if (code !== 0)
      response.setError(signal ? `the program was ended by ${signal}` : `the program ended with exit code ${code}`);
    reply(null, response);
  });
}

/** Ends the programs and, after their results, this process. The engine waits five seconds for that. */
function end(name: NodeJS.Signals): void {
  for (const child of programs) child.kill(name);
  server.tryShutdown(() => process.exit(0));
}

const answer =
  (make: () => unknown) =>
  (_: Call<unknown>, reply: sendUnaryData<unknown>): void =>
    reply(null, make());

const server = new Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
// The server answers all other calls with "unimplemented".
server.addService(languageService.LanguageRuntimeService, {
  handshake: answer(() => new language.LanguageHandshakeResponse()),
  getPluginInfo: answer(() => new plugin.PluginInfo()),
  // The sandbox has installed all plugins; the engine must not download those of imported packages.
  getRequiredPlugins: answer(() => new language.GetRequiredPluginsResponse()),
  getRequiredPackages: answer(() => new language.GetRequiredPackagesResponse()),
  // A program's packages, and a plugin's, are installed before either is started.
  installDependencies: (call: { end(): void }) => call.end(),
  about: answer(() => {
    const response = new language.AboutResponse();
    response.setExecutable(process.execPath);
    response.setVersion(process.version);
    return response;
  }),
  run,
  runPlugin: (call: Parameters<typeof runPlugin>[0]) => runPlugin(call, programs),
  cancel: (_: Call<unknown>, reply: sendUnaryData<unknown>) => {
    reply(null, new empty.Empty());
    end("SIGINT");
  },
});
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});

// The standard input ends with the engine, and then no one waits for the programs.
process.stdin.resume().on("end", () => {
  for (const child of programs) child.kill("SIGKILL");
  process.exit(0);
});
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => end(name));
