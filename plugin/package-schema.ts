import { z } from "zod";
import { database } from "../settings/database.ts";
import { release } from "../settings/release.ts";
import { web } from "../settings/web.ts";
import manifest from "./package.json" with { type: "json" };
import { type JsonSchema, type Properties, type Property, propertiesOf, type Types } from "./properties.ts";

/** What a program in another language sees of a component. */
interface Component {
  readonly description: string;
  /** Arguments that are settings of the stack files, with their descriptions. */
  readonly settings: z.ZodType;
  /** Names of those that it takes. @default all */
  readonly only?: readonly string[];
  /** Further arguments, required unless named in `optional`. */
  readonly inputs: Properties;
  readonly optional: readonly string[];
  readonly outputs: Properties;
}

const text = (description: string, rest: Partial<Property> = {}): Property => ({
  type: "string",
  description,
  ...rest,
});
const secrets = (description: string): Property => ({
  type: "object",
  // The names are plain, since they decide which resources exist. The values may come from other resources.
  additionalProperties: { type: "string" },
  plain: true,
  description,
});
const namespace = text("Namespace to create it in. It has to exist.");

const components: Readonly<Record<string, Component>> = {
  Release: {
    description:
      "Image built from source and pushed as `REPOSITORY:KEY`. The key stands for its content: equal source is no change.",
    settings: release,
    only: ["repository", "source", "build"],
    inputs: { secrets: secrets("Secrets of the build, mounted by BuildKit and never part of the image.") },
    optional: ["secrets"],
    outputs: {
      image: text("Image by digest, `REPOSITORY@sha256:…`; unknown in a preview that would build it."),
      commit: text("Commit that it was built from, or `unknown`."),
    },
  },
  Database: {
    description: "PostgreSQL in a container of its own, on a claim of its own that outlives every container.",
    settings: database,
    only: Object.keys(database.shape).filter((key) => key !== "backups"),
    inputs: {
      namespace,
      password: text("Password of the clients' login. A changed one takes effect without a restart of the server.", {
        secret: true,
      }),
      dns: {
        type: "array",
        items: { type: "string" },
        plain: true,
        description: "IP addresses of DNS servers besides the pods of kube-system. Default: none.",
      },
    },
    optional: ["dns"],
    outputs: {
      connection: { $ref: "#/types/slipway:index:DatabaseConnection", description: "How clients reach it." },
      claim: text("Claim that holds the data."),
    },
  },
  WebApp: {
    description: "Stateless web application: migrates on the new image first, then rolls out without losing a request.",
    settings: web,
    inputs: {
      namespace,
      image: text("Image by digest."),
      pullSecret: text(
        "Secret of the type `kubernetes.io/dockerconfigjson` in the namespace, to pull the image with. Default: none.",
      ),
      secrets: secrets("Secret environment variables."),
      database: { $ref: "#/resources/slipway:index:Database", description: "Its database. Default: none." },
    },
    optional: ["pullSecret", "secrets", "database"],
    outputs: {
      url: text("Address that it serves: of the ingress, of the node's port, or inside the cluster."),
      ready: text("Name of the Deployment, known once the new version serves."),
      loadBalancer: text("Host name of the ingress's load balancer; empty if it has none."),
    },
  },
};

const connection: Properties = {
  host: text("Name of its Service."),
  port: { type: "integer" },
  name: text("Name of the database, and of the role that owns everything in it."),
  user: text("Role to log in as, known once the server lets it in."),
  secret: text("Secret that holds that role's password under the key `password`."),
  urlKey: text("Key in that Secret of the password as it is written in a URL."),
  image: text("Image with PostgreSQL's client programs."),
  clientLabels: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "Labels that a pod needs to be let in.",
  },
};

/** Schema of the package `slipway`: the components with the arguments that the stack files have as settings. */
export function packageSchema() {
  const types: Types = {
    "slipway:index:DatabaseConnection": { type: "object", properties: connection, required: Object.keys(connection) },
  };
  const resources = Object.entries(components).map(([name, component]) => {
    const settings = z.toJSONSchema(component.settings, { io: "input" }) as JsonSchema;
    const taken = component.only ?? Object.keys(settings.properties ?? {});
    const inputs = Object.keys(component.inputs).filter((key) => !component.optional.includes(key));
    return [
      `slipway:index:${name}`,
      {
        isComponent: true,
        description: component.description,
        inputProperties: { ...component.inputs, ...propertiesOf(name, settings, taken, types) },
        requiredInputs: [...inputs, ...taken.filter((key) => isRequired(name, key, settings))],
        properties: component.outputs,
        required: Object.keys(component.outputs),
      },
    ] as const;
  });
  const languages = ["nodejs", "python", "go", "csharp", "java"];
  return {
    name: "slipway",
    version: manifest.version,
    description: "An application's image, its database and its rollout on Kubernetes.",
    license: manifest.license,
    resources: Object.fromEntries(resources),
    types,
    language: Object.fromEntries(languages.map((language) => [language, { respectSchemaVersion: true }])),
  };
}

/** A release of another program is always built: what is optional in a stack file that promotes is required here. */
const isRequired = (component: string, key: string, { required }: JsonSchema): boolean =>
  required?.includes(key) || (component === "Release" && key === "build");
