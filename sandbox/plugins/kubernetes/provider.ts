import { isDeepStrictEqual } from "node:util";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Engine } from "../engine.ts";
import { containsUnknown, fromStruct, type Properties, toStruct } from "../properties.ts";
import type { Handlers } from "../serve.ts";
import type { Autonaming } from "./autoname.ts";
import { Connection } from "./connection.ts";
import { type Plan, planChanges } from "./diff.ts";
import { checkInputs } from "./inputs.ts";
import { createObject, deleteObject, updateObject } from "./operations.ts";
import { readObject } from "./reading.ts";
import { conflictingSettings, readSettings, replacingSettings } from "./settings.ts";

type CheckRequest = InstanceType<typeof providerProto.CheckRequest>;
type DiffRequest = InstanceType<typeof providerProto.DiffRequest>;

/** The provider's calls: each reads its message, has the work done elsewhere, and writes the answer. */
export function kubernetesHandlers(engine: Engine, cancelled: AbortSignal): Handlers {
  let configured: Connection | undefined;
  const connection = () => {
    if (!configured) throw new Error("the provider has not been configured");
    configured.called();
    return configured;
  };
  return {
    checkConfig,
    diffConfig,

    configure: (request: InstanceType<typeof providerProto.ConfigureRequest>) => {
      const args = fromStruct(request.getArgs());
      for (const [key, value] of request.getVariablesMap().entries())
        args[key.replace(/^kubernetes:config:/, "")] ??= value;
      configured = new Connection(readSettings(args), engine, cancelled);
      const response = new providerProto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    },

    check: async (request: CheckRequest) => {
      const inputs = await checkInputs(
        {
          urn: request.getUrn(),
          old: fromStruct(request.getOlds()),
          inputs: fromStruct(request.getNews()),
          seed: request.getRandomseed_asU8(),
          autonaming: autonamingOf(request),
        },
        connection(),
      );
      const response = new providerProto.CheckResponse();
      response.setInputs(toStruct(inputs));
      return response;
    },

    diff: async (request: DiffRequest) => {
      const plan = await planChanges(
        {
          urn: request.getUrn(),
          state: fromStruct(request.getOlds()),
          inputs: fromStruct(request.getNews()),
          ignoreChanges: request.getIgnorechangesList(),
        },
        connection(),
      );
      return diffResponse(plan);
    },

    create: async (request: InstanceType<typeof providerProto.CreateRequest>) => {
      const { id, properties } = await createObject(
        { urn: request.getUrn(), timeoutSeconds: request.getTimeout(), preview: request.getPreview() },
        fromStruct(request.getProperties()),
        connection(),
      );
      const response = new providerProto.CreateResponse();
      response.setId(id);
      response.setProperties(toStruct(properties));
      return response;
    },

    update: async (request: InstanceType<typeof providerProto.UpdateRequest>) => {
      const properties = await updateObject(
        {
          urn: request.getUrn(),
          timeoutSeconds: request.getTimeout(),
          preview: request.getPreview(),
          ignoreChanges: request.getIgnorechangesList(),
        },
        fromStruct(request.getOlds()),
        fromStruct(request.getNews()),
        connection(),
      );
      const response = new providerProto.UpdateResponse();
      response.setProperties(toStruct(properties));
      return response;
    },

    read: async (request: InstanceType<typeof providerProto.ReadRequest>) => {
      const id = request.getId();
      const state = fromStruct(request.getProperties());
      const found = await readObject(request.getUrn(), id, state, fromStruct(request.getInputs()), connection());
      const response = new providerProto.ReadResponse();
      // An answer without an id says that the object is gone.
      if (!found) return response;
      response.setId(id);
      response.setProperties(toStruct(found.properties));
      response.setInputs(toStruct(found.inputs));
      return response;
    },

    delete: async (request: InstanceType<typeof providerProto.DeleteRequest>) => {
      const operation = { urn: request.getUrn(), timeoutSeconds: request.getTimeout(), preview: false };
      await deleteObject(operation, request.getId(), fromStruct(request.getProperties()), connection());
      return new empty.Empty();
    },

    invoke: (request: InstanceType<typeof providerProto.InvokeRequest>) => {
      throw new Error(
        `the sandbox's stand-in for the kubernetes plugin does not support the function ${request.getTok()}`,
      );
    },
  };
}

function checkConfig(request: CheckRequest): unknown {
  const response = new providerProto.CheckResponse();
  response.setInputs(request.getNews());
  response.setFailuresList(
    conflictingSettings(fromStruct(request.getNews())).map(({ property, reason }) => {
      const failure = new providerProto.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

async function diffConfig(request: DiffRequest): Promise<unknown> {
  const [old, args] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
  const changed = changedKeys(old, args);
  const response = new providerProto.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = providerProto.DiffResponse.DiffChanges;
  response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(changed);
  // A cluster that is known only after the update may be another one.
  const unknown = ["kubeconfig", "context", "cluster"].filter((key) => containsUnknown(args[key]));
  response.setReplacesList(unknown.length > 0 ? unknown : await replacingSettings(old, args));
  return response;
}

function changedKeys(old: Properties, args: Properties): string[] {
  const keys = [...new Set([...Object.keys(old), ...Object.keys(args)])];
  return keys.filter((key) => key !== "version" && !isDeepStrictEqual(old[key], args[key]));
}

function autonamingOf(request: CheckRequest): Autonaming | undefined {
  const options = request.getAutonaming();
  if (!options) return undefined;
  const { DISABLE } = providerProto.CheckRequest.AutonamingOptions.Mode;
  return { proposedName: options.getProposedName() || undefined, disabled: options.getMode() === DISABLE };
}

function diffResponse({ changes, replaces, deleteBeforeReplace }: Plan): unknown {
  const response = new providerProto.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = providerProto.DiffResponse.DiffChanges;
  response.setChanges(changes.size > 0 ? DIFF_SOME : DIFF_NONE);
  response.setReplacesList(replaces);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = providerProto.PropertyDiff.Kind;
  const updating = { add: ADD, delete: DELETE, update: UPDATE };
  const replacing = { add: ADD_REPLACE, delete: DELETE_REPLACE, update: UPDATE_REPLACE };
  for (const [path, change] of changes) {
    const detail = new providerProto.PropertyDiff();
    detail.setKind((replaces.includes(path) ? replacing : updating)[change]);
    detail.setInputdiff(change === "delete");
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}
