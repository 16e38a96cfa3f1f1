import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import grpc from "@grpc/grpc-js";
import providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { fromStruct, type Properties, toStruct } from "../../../sandbox/plugins/properties.ts";

/** A resource as the engine keeps it between two updates. */
export type Kept = { id: string; inputs: Properties; state: Properties };

/** What a plugin said of an object that exists and is not ready. */
export class InitFailure extends Error {
  readonly kept: Kept;
  readonly reasons: string[];

  constructor(kept: Kept, reasons: string[]) {
    super(reasons.join("\n"));
    this.kept = kept;
    this.reasons = reasons;
  }
}

const kinds = ["add", "add-replace", "delete", "delete-replace", "update", "update-replace"];

/** Plays the engine's part for one plugin: starts it, and calls it in the order in which the engine does. */
export class EngineDouble {
  private readonly plugin: ChildProcess;
  // biome-ignore lint/suspicious/noExplicitAny: the generated client's calls have no common type
  private readonly client: any;

  private constructor(plugin: ChildProcess, port: string) {
    this.plugin = plugin;
    this.client = new providerRpc.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  /** @param main the plugin's main.ts */
  static async start(main: string, settings: Properties): Promise<EngineDouble> {
    const plugin = spawn(process.execPath, [main], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = await once(plugin.stdout as NonNullable<typeof plugin.stdout>, "data");
    const engine = new EngineDouble(plugin, String(port).trim());
    await engine.call("handshake", new providerProto.ProviderHandshakeRequest());
    const request = new providerProto.ConfigureRequest();
    request.setArgs(toStruct(settings));
    request.setAcceptsecrets(true);
    await engine.call("configure", request);
    return engine;
  }

  /** Completes a program's inputs. */
  async check(urn: string, inputs: Properties, old?: Kept): Promise<Properties> {
    const request = new providerProto.CheckRequest();
    request.setUrn(urn);
    request.setNews(toStruct(inputs));
    request.setOlds(toStruct(old?.inputs ?? {}));
    request.setRandomseed(randomBytes(8));
    return fromStruct((await this.call("check", request)).getInputs());
  }

  /** Checks and creates a resource. A preview keeps nothing. */
  async create(urn: string, program: Properties, { preview = false, timeout = 20 } = {}): Promise<Kept> {
    const inputs = await this.check(urn, program);
    const request = new providerProto.CreateRequest();
    request.setUrn(urn);
    request.setProperties(toStruct(inputs));
    request.setPreview(preview);
    request.setTimeout(timeout);
    const response = await this.call("create", request, inputs);
    return { id: response.getId(), inputs, state: fromStruct(response.getProperties()) };
  }

  /** Compares a resource with the program: how each property differs, by path. */
  async diff(urn: string, old: Kept, program: Properties) {
    const request = new providerProto.DiffRequest();
    request.setUrn(urn);
    request.setId(old.id);
    request.setOlds(toStruct(old.state));
    request.setNews(toStruct(await this.check(urn, program, old)));
    const response = await this.call("diff", request);
    const details: [string, { getKind(): number }][] = [...response.getDetaileddiffMap().entries()];
    return {
      changes: Object.fromEntries(details.map(([path, detail]) => [path, kinds[detail.getKind()]])),
      deleteFirst: response.getDeletebeforereplace() as boolean,
    };
  }

  /** Updates a resource. A preview returns what it would become. */
  async update(urn: string, old: Kept, program: Properties, { preview = false, timeout = 20 } = {}): Promise<Kept> {
    const inputs = await this.check(urn, program, old);
    const request = new providerProto.UpdateRequest();
    request.setUrn(urn);
    request.setId(old.id);
    request.setOlds(toStruct(old.state));
    request.setNews(toStruct(inputs));
    request.setPreview(preview);
    request.setTimeout(timeout);
    const response = await this.call("update", request, inputs);
    return { id: old.id, inputs, state: fromStruct(response.getProperties()) };
  }

  /** Refreshes a resource, or imports the object of an id. @returns undefined when it is gone */
  async read(urn: string, old: Kept | string): Promise<Kept | undefined> {
    const known = typeof old === "string" ? { id: old, inputs: {}, state: {} } : old;
    const request = new providerProto.ReadRequest();
    request.setUrn(urn);
    request.setId(known.id);
    request.setProperties(toStruct(known.state));
    request.setInputs(toStruct(known.inputs));
    const response = await this.call("read", request);
    const id = response.getId();
    if (id === "") return undefined;
    return { id, inputs: fromStruct(response.getInputs()), state: fromStruct(response.getProperties()) };
  }

  /** Deletes a resource. */
  async delete(urn: string, old: Kept): Promise<void> {
    const request = new providerProto.DeleteRequest();
    request.setUrn(urn);
    request.setId(old.id);
    request.setProperties(toStruct(old.state));
    request.setTimeout(60);
    await this.call("delete", request);
  }

  /** Cancels everything that is under way. */
  async cancel(): Promise<void> {
    await this.call("cancel", new empty.Empty());
  }

  stop(): void {
    this.client.close();
    this.plugin.kill();
  }

  // biome-ignore lint/suspicious/noExplicitAny: requests and responses are messages of any kind
  private call(name: string, request: unknown, inputs: Properties = {}): Promise<any> {
    return new Promise((resolve, reject) => {
      this.client[name](request, (error: grpc.ServiceError | null, response: unknown) => {
        if (error) reject(initFailure(error, inputs) ?? new Error(error.details));
        else resolve(response);
      });
    });
  }
}

function initFailure(error: grpc.ServiceError, inputs: Properties): InitFailure | undefined {
  const [details] = error.metadata.get("grpc-status-details-bin");
  if (!details) return undefined;
  const [packed] = statusProto.Status.deserializeBinary(details as Buffer).getDetailsList();
  const failure = packed?.unpack(
    providerProto.ErrorResourceInitFailed.deserializeBinary,
    "pulumirpc.ErrorResourceInitFailed",
  );
  if (!failure) return undefined;
  const kept = { id: failure.getId(), inputs, state: fromStruct(failure.getProperties()) };
  return new InitFailure(kept, failure.getReasonsList());
}
