import { EventEmitter } from "node:events";
import grpc from "@grpc/grpc-js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import errorStatus from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { Engine } from "./engine.ts";
import { type Properties, toStruct } from "./properties.ts";

/**
 * The object exists, but it did not become ready. The engine keeps it in the state with the reasons, and the next
 * update tries again.
 */
export class NotReadyError extends Error {
  readonly id: string;
  /** What the state should hold: the object as it is now. */
  readonly properties: Properties;
  /** One sentence each; the first one is the summary. */
  readonly reasons: string[];
  /** The inputs as they are live; only a refresh reports them. */
  readonly inputs?: Properties;

  constructor(id: string, properties: Properties, reasons: string[], inputs?: Properties) {
    super(reasons[0]);
    this.id = id;
    this.properties = properties;
    this.reasons = reasons;
    this.inputs = inputs;
  }
}

/** One remote call of the ResourceProvider service: takes the request message, resolves to the response message. */
// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type to name here
export type Handler = (request: any) => Promise<unknown> | unknown;

/** What a plugin implements: the calls it answers, by their name in the service. The others are unimplemented. */
export type Handlers = Partial<Record<keyof typeof providerRpc.ResourceProviderService, Handler>>;

/**
 * Serves a resource provider on a free port of the loopback interface and prints the port, which is how the engine finds it.
 * @param version what the plugin reports as its own version, without a leading v
 * @param create makes the handlers; given the engine's log, and a signal that aborts when the engine cancels
 */
export async function servePlugin(
  version: string,
  create: (engine: Engine, cancelled: AbortSignal) => Handlers,
): Promise<void> {
  const engine = new Engine(process.argv.filter((argument) => !argument.startsWith("-")).at(-1) ?? "");
  const canceller = new AbortController();
  // Every operation that waits listens for the same cancellation.
  EventEmitter.setMaxListeners(0, canceller.signal);
  const handlers: Handlers = {
    handshake: acceptHandshake,
    attach: (request: InstanceType<typeof pluginProto.PluginAttach>) => {
      engine.connect(request.getAddress());
      return new empty.Empty();
    },
    getPluginInfo: () => {
      const info = new pluginProto.PluginInfo();
      info.setVersion(version);
      return info;
    },
    cancel: () => {
      canceller.abort();
      return new empty.Empty();
    },
    ...create(engine, canceller.signal),
  };
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(
    providerRpc.ResourceProviderService as unknown as grpc.ServiceDefinition,
    Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, answer(handler as Handler)])),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  process.stdout.write(`${port}\n`);
  endWithParent();
  // The engine stops its plugins by a signal. An ordinary end keeps the compiled modules for the next start, which a signal's does not.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit());
}

/** An engine that is killed cannot stop its plugins; they notice that their parent is gone, before anybody clears up behind it. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.exit(1), 200).unref();
}

/** Answers the engine's first call: secrets stay marked, names may be proposed by the engine. */
function acceptHandshake(): unknown {
  const response = new providerProto.ProviderHandshakeResponse();
  response.setAcceptSecrets(true);
  response.setSupportsAutonamingConfiguration(true);
  return response;
}

function answer(handler: Handler): grpc.handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(serviceError(error)),
      );
  };
}

/** Turns what a handler threw into the form in which the engine reads it. */
function serviceError(error: unknown): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof NotReadyError) {
    const detail = new providerProto.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(toStruct(error.properties));
    detail.setReasonsList(error.reasons);
    if (error.inputs) detail.setInputs(toStruct(error.inputs));
    const packed = new any.Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new errorStatus.Status();
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(message);
    status.addDetails(packed);
    // The Go side reads structured details from this header; grpc-js has no call for it.
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}
