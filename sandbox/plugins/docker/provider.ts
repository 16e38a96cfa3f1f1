import { isDeepStrictEqual } from "node:util";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import { containsUnknown, fromStruct, isObject, type Properties, plain, toStruct } from "../properties.ts";
import type { Handlers } from "../serve.ts";
import { accessTo } from "./credentials.ts";
import { parseReference } from "./reference.ts";
import { digestOf } from "./registry.ts";

const lookUp = "docker:index/getRegistryImage:getRegistryImage";

/** The provider's calls. It has one function, getRegistryImage, and no resources. */
export function dockerHandlers(): Handlers {
  let registryAuth: Properties[] = [];
  return {
    checkConfig: (request: InstanceType<typeof providerProto.CheckRequest>) => {
      const response = new providerProto.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    },

    // Nothing that this provider makes outlives a program, so no change of its settings replaces anything.
    diffConfig: (request: InstanceType<typeof providerProto.DiffRequest>) => {
      const isSame = isDeepStrictEqual(fromStruct(request.getOlds()), fromStruct(request.getNews()));
      const response = new providerProto.DiffResponse();
      const { DIFF_NONE, DIFF_SOME } = providerProto.DiffResponse.DiffChanges;
      response.setChanges(isSame ? DIFF_NONE : DIFF_SOME);
      return response;
    },

    configure: (request: InstanceType<typeof providerProto.ConfigureRequest>) => {
      const given = plain(
        fromStruct(request.getArgs()).registryAuth ?? request.getVariablesMap().get("docker:config:registryAuth"),
      );
      registryAuth = readRegistryAuth(given);
      const response = new providerProto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    },

    check: (request: InstanceType<typeof providerProto.CheckRequest>) => {
      throw new Error(`the sandbox's stand-in for the docker plugin has no resources: ${request.getUrn()}`);
    },

    invoke: async (request: InstanceType<typeof providerProto.InvokeRequest>) => {
      if (request.getTok() !== lookUp) {
        throw new Error(
          `the sandbox's stand-in for the docker plugin does not support the function ${request.getTok()}`,
        );
      }
      const args = plain(fromStruct(request.getArgs())) as Properties;
      const response = new providerProto.InvokeResponse();
      response.setReturn(toStruct(await readRegistryImage(args, registryAuth)));
      return response;
    },
  };
}

/** getRegistryImage: its arguments, the digest, and the digest once more as the id, as the official plugin answers. */
async function readRegistryImage(args: Properties, registryAuth: Properties[]): Promise<Properties> {
  const { name, insecureSkipVerify } = args;
  if (typeof name !== "string" || containsUnknown(name)) throw new Error("getRegistryImage needs the name of an image");
  const image = parseReference(name);
  const digest = await digestOf(image, accessTo(image.registry, registryAuth), insecureSkipVerify !== true);
  return { id: digest, name, sha256Digest: digest, insecureSkipVerify };
}

/** The engine hands the list over as JSON text; the SDK's own members have camelCase names. */
function readRegistryAuth(value: unknown): Properties[] {
  const parsed: unknown = typeof value === "string" && value !== "" ? JSON.parse(value) : value;
  return Array.isArray(parsed) ? (plain(parsed) as unknown[]).filter(isObject) : [];
}
