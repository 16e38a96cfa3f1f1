import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import grpc from "@grpc/grpc-js";
import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import languageRpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import protobuf, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";

type Properties = { [name: string]: unknown };

/** A message with these properties; undefined members are left out, as JSON does. */
const toStruct = (properties: Properties): protobuf.Struct =>
  protobuf.Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as { [name: string]: JavaScriptValue });

/** What the pack says of one resource. */
export interface Diagnostic {
  readonly policyName: string;
  readonly message: string;
  readonly level: string;
}

type Run = grpc.ClientReadableStream<InstanceType<typeof language.RunPluginResponse>>;
type Info = ReturnType<InstanceType<typeof analyzer.AnalyzerInfo>["toObject"]>;

/** The pack in its folder, started by the language host as the engine asks for it, and spoken to as the engine does. */
export class RunningPack {
  readonly #host: ChildProcess;
  readonly #run: Run;
  // biome-ignore lint/suspicious/noExplicitAny: the generated client's calls have no common type
  readonly #client: any;

  readonly #ended: Promise<unknown>;

  private constructor(host: ChildProcess, run: Run, port: string) {
    this.#host = host;
    this.#ended = new Promise((ended) => host.on("exit", ended));
    this.#run = run;
    this.#client = new analyzerRpc.AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  /** @throws Error where the host refuses to run it, or it ends at once */
  static async start(folder = "policy", kind = "analyzer"): Promise<RunningPack> {
    const engine = "127.0.0.1:1"; // nobody is there; a pack has nothing to ask
    const main = resolve("sandbox/language-host/main.ts");
    const host = spawn(process.execPath, [main, engine], { stdio: ["pipe", "pipe", "inherit"] });
    const port = await firstLine((hear) => host.stdout?.on("data", hear));
    const client = new languageRpc.LanguageRuntimeClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const request = new language.RunPluginRequest();
    request.setKind(kind);
    request.setArgsList([engine]);
    request.setEnvList(Object.entries(process.env).map(([name, value]) => `${name}=${value}`));
    const info = new language.ProgramInfo();
    info.setProgramDirectory(resolve(folder));
    request.setInfo(info);
    const run = client.runPlugin(request);
    let errors = "";
    const listening = firstLine((hear) =>
      run.on("data", (part: InstanceType<typeof language.RunPluginResponse>) => {
        hear(part.getStdout_asU8());
        errors += Buffer.from(part.getStderr_asU8()).toString();
        if (part.hasExitcode()) hear(`it ended: ${errors}\n`);
      }),
    );
    const refused = new Promise<never>((_, reject) => run.on("error", reject));
    refused.catch(() => {}); // also how a call ends that was cancelled
    try {
      const line = await Promise.race([listening, refused]);
      if (!/^\d+$/.test(line)) throw new Error(line);
      return new RunningPack(host, run, line);
    } catch (error) {
      host.stdin?.end();
      throw error;
    }
  }

  /** Hangs up, as the engine does at the end. */
  hangUp(): void {
    this.#run.cancel();
  }

  /** Ends the language host as well. */
  async stop(): Promise<void> {
    this.#client.close();
    this.hangUp();
    this.#host.stdin?.end();
    await this.#ended;
  }

  /** What the pack says of itself. */
  async info(): Promise<Info> {
    return (await this.#info()).toObject();
  }

  /** What can be set of a rule, as JSON Schema by name; undefined for nothing. */
  async settings(rule: string): Promise<unknown> {
    const policies = (await this.#info()).getPoliciesList();
    return policies
      .find((each) => each.getName() === rule)
      ?.getConfigschema()
      ?.getProperties()
      ?.toJavaScript();
  }

  #info(): Promise<InstanceType<typeof analyzer.AnalyzerInfo>> {
    return this.#call("getAnalyzerInfo", new empty.Empty());
  }

  /** Sets what can be set of a rule. */
  async configure(rule: string, properties: Properties): Promise<void> {
    const request = new analyzer.ConfigureAnalyzerRequest();
    const config = new analyzer.PolicyConfig();
    config.setEnforcementlevel(analyzer.EnforcementLevel.MANDATORY);
    config.setProperties(toStruct(properties));
    request.getPolicyconfigMap().set(rule, config);
    await this.#call("configure", request);
  }

  /** What the rules say of a resource with these inputs. */
  async analyze(type: string, properties: Properties): Promise<Diagnostic[]> {
    const request = new analyzer.AnalyzeRequest();
    request.setType(type);
    request.setName("it");
    request.setUrn(`urn:pulumi:dev::slipway::${type}::it`);
    request.setProperties(toStruct(properties));
    request.setOptions(new analyzer.AnalyzerResourceOptions());
    const response = await this.#call<InstanceType<typeof analyzer.AnalyzeResponse>>("analyze", request);
    const levels = Object.entries(analyzer.EnforcementLevel);
    return response.toObject().diagnosticsList.map(({ policyname, message, enforcementlevel }) => ({
      policyName: policyname,
      message,
      level: levels.find(([, value]) => value === enforcementlevel)?.[0] ?? "",
    }));
  }

  #call<Response>(name: string, request: object): Promise<Response> {
    return new Promise((resolve, reject) =>
      this.#client[name](request, (error: Error | null, response: Response) =>
        error ? reject(error) : resolve(response),
      ),
    );
  }
}

/** What comes before the first end of a line. */
const firstLine = (listen: (hear: (part: Uint8Array | string) => void) => void): Promise<string> =>
  new Promise((resolve) => {
    let heard = "";
    listen((part) => {
      heard += Buffer.from(part as string).toString();
      const [line, ...more] = heard.split("\n");
      if (more.length > 0) resolve(line ?? "");
    });
  });
