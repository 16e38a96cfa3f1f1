import { z } from "zod";
import { command, group, resources, secrets, text, variables, whole } from "./building-blocks.ts";
import { pinnedImage } from "./names.ts";
import { volumes } from "./volumes.ts";
import { web } from "./web.ts";

/** Names of objects of its own. */
const taken = /^(web|app|database)(-|$)|-access$/;

const allowedName =
  'at most 40 lower-case letters, digits and "-", as in cache; not app, web or database, none of them before a "-", and no -access at the end';
const name = text(allowedName, /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/, "cache").refine((name) => !taken.test(name), {
  error: allowedName,
});

const allowedImage =
  "an image by digest, or by a tag with a version, as in valkey/valkey:8.1; never latest, which is another one tomorrow";
const image = pinnedImage(allowedImage, "valkey/valkey:8.1");

const probe = group({
  path: text("a path that begins with /", /^\/\S*$/, "/health")
    .optional()
    .describe("Path that answers over HTTP. Default: none; a connection to the port is enough."),
  command: command("valkey-cli", "ping").optional().describe("Command that succeeds instead. Default: none."),
  startSeconds: whole(1, 3600, 60)
    .default(60)
    .describe("Seconds that a start may take before the container is restarted."),
})
  .refine(({ path, command }) => !(path && command), { path: ["command"], error: "nothing, if path is set" })
  .prefault({})
  .describe("Check that it serves. Default: a connection to its port.");

const accessory = group({
  image: image.describe("Image of somebody else, by digest or by a tag with a version."),
  port: whole(1, 65535, 6379).describe("Port that it listens on, under its name as the host name."),
  command: command("valkey-server", "--maxmemory", "64mb")
    .optional()
    .describe("Command to run. Default: the image's own."),
  environment: variables({ LOG_LEVEL: "info" })
    .default({})
    .describe("Environment variables. Secrets belong in slipway:accessorySecrets."),
  volumes: volumes({ "/data": { storage: "1Gi" } }).describe(
    "Volumes by path, as those of slipway:web.volumes. Besides these, only /tmp can be written to. Default: none.",
  ),
  probe,
  user: web.shape.user,
  resources: resources("50m", "1", "128Mi"),
});

/** Containers of other people's images, by name. */
export const accessories = z
  .record(name, accessory, { error: "a mapping from names to accessories" })
  .meta({
    examples: [{ cache: { image: "valkey/valkey:8.1", port: 6379, volumes: { "/data": { storage: "1Gi" } } } }],
  })
  .default({})
  .describe(
    "Accessories: containers of somebody else's image, one pod each, which only the pods of this environment reach by their names. Default: none.",
  );

/** Secret environment variables of accessories, by the accessory's name. */
export const accessorySecrets = z
  .record(z.string(), secrets("PASSWORD"), { error: "a mapping from names of accessories to secrets" })
  .meta({ examples: [{ cache: { PASSWORD: "a secret" } }] })
  .default({})
  .describe("Secret environment variables of accessories, by the accessory's name; each stored encrypted.");

interface Accessories {
  readonly accessories: z.output<typeof accessories>;
  readonly accessorySecrets: z.output<typeof accessorySecrets>;
}

/** Reports secrets of accessories that do not exist, and variables that are set twice. */
export function accessoryConflicts(
  { accessories, accessorySecrets }: Accessories,
  conflict: (path: string[], message: string) => void,
): void {
  for (const [name, secrets] of Object.entries(accessorySecrets)) {
    const accessory = Object.hasOwn(accessories, name) ? accessories[name] : undefined;
    if (!accessory) conflict(["accessorySecrets", name], `nothing, if there is no slipway:accessories.${name}`);
    for (const variable of Object.keys(secrets).filter((each) => Object.hasOwn(accessory?.environment ?? {}, each)))
      conflict(
        ["accessories", name, "environment", variable],
        `nothing, if slipway:accessorySecrets.${name} has ${variable}`,
      );
  }
}
