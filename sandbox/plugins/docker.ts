import grpc from "@grpc/grpc-js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { parseReference } from "../../image/reference.ts";
import { ImageRepository } from "../../registry/repository.ts";
import { packageVersion } from "./version.ts";

/**
 * The only function that this substitute for Pulumi's docker plugin implements; no package registry has the plugin. It uses the
 * registry logins of `docker login`.
 */
const getRegistryImage = "docker:index/getRegistryImage:getRegistryImage";

/**
 * Reads the digest that a tag points to.
 *
 * @param name image with registry and tag, as in `localhost:5000/team/app:v1.7`
 * @throws Error if there is no such image, or the registry refuses or does not answer
 */
export async function registryImage(name: string): Promise<{ id: string; name: string; sha256Digest: string }> {
  const { tag, digest } = parseReference(name);
  if (!tag || digest) throw new Error(`"${name}" is not an image with a registry and a tag`);
  const manifest = await new ImageRepository(name).manifest(tag);
  if (!manifest) throw new Error(`the registry has no image ${name}`);
  return { id: manifest.digest, name, sha256Digest: manifest.digest };
}

/** Calls of the provider protocol by name; all others are unimplemented. */
// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type
const calls: Record<string, (request: any) => unknown> = {
  handshake: () => new proto.ProviderHandshakeResponse(),
  attach: () => new empty.Empty(),
  cancel: () => new empty.Empty(),
  getPluginInfo: () => {
    const info = new pluginProto.PluginInfo();
    info.setVersion(packageVersion("docker"));
    return info;
  },
  checkConfig: (request) => {
    const response = new proto.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  },
  // There are no resources to replace.
  diffConfig: () => {
    const response = new proto.DiffResponse();
    response.setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE);
    return response;
  },
  configure: () => {
    const response = new proto.ConfigureResponse();
    response.setSupportspreview(true);
    return response;
  },
  invoke: async (request) => {
    const token: string = request.getTok();
    if (token !== getRegistryImage)
      throw new Error(`the sandbox's substitute for the docker plugin has no function ${token}`);
    const { name } = request.getArgs()?.toJavaScript() ?? {};
    const response = new proto.InvokeResponse();
    response.setReturn(struct.Struct.fromJavaScript(await registryImage(String(name))));
    return response;
  },
};

/** Serves the calls on a free port of the loopback and prints the port for the engine. */
function serve(): void {
  const server = new grpc.Server();
  const handlers = Object.entries(calls).map(([name, call]) => [
    name,
    async (
      { request }: { request: unknown },
      callback: (error: Partial<grpc.StatusObject> | null, response?: unknown) => void,
    ) => {
      try {
        callback(null, await call(request));
      } catch (error) {
        callback({ code: grpc.status.UNKNOWN, details: (error as Error).message });
      }
    },
  ]);
  server.addService(
    providerRpc.ResourceProviderService as unknown as grpc.ServiceDefinition,
    Object.fromEntries(handlers),
  );
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
  // A killed engine cannot stop its plugins.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.exit(1), 200).unref();
  // Only an ordinary exit saves the compiled modules for the next start.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit());
}

if (import.meta.main) serve();
