import { z } from "zod";
import { group, quantity, text } from "./building-blocks.ts";
import { dnsSubdomain } from "./names.ts";

const accessModes = ["ReadWriteOnce", "ReadWriteMany"] as const;

const volume = group({
  storage: quantity("10Gi")
    .optional()
    .describe(
      "Size of a volume that outlives every container. It can grow, never shrink. Default: a scratch folder, which is deleted with its pod.",
    ),
  storageClass: dnsSubdomain("gp3").optional().describe("Storage class of the volume. Default: the cluster's."),
  access: z
    .enum(accessModes, { error: "ReadWriteOnce or ReadWriteMany" })
    .optional()
    .meta({ examples: ["ReadWriteMany"] })
    .describe(
      "Writers of the volume. ReadWriteOnce: one pod, and an update stops it before the next one starts. ReadWriteMany: any number of pods, if the class can. Default: ReadWriteOnce.",
    ),
  name: text(
    'at most 40 lower-case letters, digits and "-", as in uploads',
    /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/,
    "uploads",
  )
    .optional()
    .describe(
      "End of the claim's name, after the name of what mounts it, as in web-uploads. Default: the last part of the path.",
    ),
  protect: z
    .boolean({ error: "true or false" })
    .optional()
    .meta({ examples: [true] })
    .describe(
      "Keep all volumes: they can be neither deleted nor replaced, not even by `pulumi destroy`. Only without slipway:database, whose protect otherwise decides. Default: false.",
    ),
  size: quantity("64Mi").optional().describe("Size limit of a scratch folder. Default: 64Mi."),
}).superRefine((volume, ctx) => {
  const claimed = volume.storage !== undefined;
  for (const key of ["storageClass", "access", "name", "protect"] as const)
    if (!claimed && volume[key] !== undefined)
      ctx.addIssue({ code: "custom", path: [key], message: "nothing, if storage is not set" });
  if (claimed && volume.size !== undefined)
    ctx.addIssue({ code: "custom", path: ["size"], message: "nothing, if storage is set" });
});

/** Volume at one path. With `storage` it is a claim; without, a scratch folder. */
export type Volume = z.output<typeof volume>;

/** Volumes by the path at which they are mounted. */
export type Volumes = Readonly<Record<string, Volume>>;

/** Folders that every container of ours, or every container at all, has already. */
const taken = ["/tmp", "/etc/slipway", "/etc/slipway-database", "/proc", "/sys"];

/** The name of the volume in a pod is made of it, and has at most 63 characters. */
const mountPath = text(
  "an absolute path of at most 50 letters, digits and _.-/ without . and .. as a part, as in /app/uploads",
  /^(?=.{2,50}$)(\/(?!\.{1,2}(\/|$))[\w.-]+)+$/,
  "/app/uploads",
);

const overlap = (one: string, other: string): boolean =>
  one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);

const volumesByPath = z
  .record(mountPath, volume, { error: "a mapping from paths to volumes, as in {/app/uploads: {storage: 10Gi}}" })
  .superRefine((volumes, ctx) => {
    const paths = Object.keys(volumes);
    for (const path of paths) {
      const conflict = (message: string) => ctx.addIssue({ code: "custom", path: [path], message });
      const folder = taken.find((each) => overlap(each, path)) ?? (path === "/dev" ? path : undefined);
      const other = paths.find((each) => each !== path && path.startsWith(`${each}/`));
      const twin = paths.find((each) => each < path && volumeName(each) === volumeName(path));
      if (folder) conflict(`nothing at ${folder}, in it or above it: every container has that folder already`);
      if (other) conflict(`nothing, if there is a volume at ${other}: none may be inside another`);
      if (twin) conflict(`nothing, if there is a volume at ${twin}: two paths have to differ in letters or digits`);
    }
  });

/** Volumes of a container, by path. */
export const volumes = (example: z.input<typeof volumesByPath>) =>
  volumesByPath.meta({ examples: [example] }).default({});

/** Name of a volume in its pod, as in `files-app-uploads`. */
export const volumeName = (path: string): string =>
  `files${path.replace(/[^A-Za-z0-9]+/g, "-").toLowerCase()}`.replace(/-$/, "");

/**
 * Name of a volume's claim: fixed, so that a later update finds it again.
 *
 * @param owner name of what mounts it, as in `web`
 * @param path of the mount, whose last part names the claim, as in `web-uploads`
 * @param name instead of the path's
 */
export function claimName(owner: string, path: string, { name }: Pick<Volume, "name"> = {}): string {
  const last = path.slice(path.lastIndexOf("/")).toLowerCase();
  return `${owner}-${name ?? (last.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "files")}`;
}

/** Path of the first volume that only one pod may write; undefined if there is none. */
export const singleWriter = (
  volumes: Readonly<Record<string, Pick<Volume, "storage" | "access">>>,
): string | undefined =>
  Object.entries(volumes).find(([, { storage, access }]) => storage !== undefined && access !== "ReadWriteMany")?.[0];

/** Adds a problem if several pods would write a volume that has one writer. */
export function refuseSeveralWriters(
  { volumes, replicas }: { readonly volumes: Volumes; readonly replicas: { readonly max: number } },
  ctx: z.RefinementCtx,
): void {
  const path = singleWriter(volumes);
  if (path === undefined || replicas.max === 1) return;
  const message = `1, because the volume at ${path} has one writer (or access: ReadWriteMany, if its class can)`;
  ctx.addIssue({ code: "custom", path: ["replicas"], message, params: { example: 1 } });
}

/** What may have volumes, by its setting without `slipway:`, as in `web` or `accessories.cache`. */
export type Owners = Readonly<Record<string, { readonly volumes?: Volumes }>>;

/** Everything in the settings that may have volumes. */
export function ownersOf(settings: {
  readonly web: Owners[string];
  readonly processes?: Owners;
  readonly accessories?: Owners;
}): Owners {
  const { web, processes = {}, accessories = {} } = settings;
  const named = Object.entries({ processes, accessories }).flatMap(([setting, owners]) =>
    Object.entries(owners).map(([name, owner]) => [`${setting}.${name}`, owner] as const),
  );
  return { web, ...Object.fromEntries(named) };
}

/** Every volume, with its setting and the name of its owner. */
const volumesOf = (owners: Owners) =>
  Object.entries(owners).flatMap(([owner, { volumes = {} }]) => {
    const steps = owner.split(".");
    const name = steps.at(-1) ?? "";
    return Object.entries(volumes).map(([path, volume]) => ({
      steps: [...steps, "volumes", path],
      name,
      path,
      volume,
    }));
  });

/** Volume that outlives its pod. */
export interface Claim {
  /** Setting of the volume, as in `slipway:web.volumes["/app/uploads"]`. */
  readonly setting: string;
  /** Name of the claim. */
  readonly claim: string;
  readonly storage: string;
  readonly storageClass?: string;
  readonly access: (typeof accessModes)[number];
}

/** Every volume that outlives its pod. */
export const claimsOf = (owners: Owners): Claim[] =>
  volumesOf(owners).flatMap(({ steps, name, path, volume }) => {
    const { storage, storageClass, access = "ReadWriteOnce" } = volume;
    const setting = `slipway:${steps.slice(0, -1).join(".")}["${path}"]`;
    return storage === undefined
      ? []
      : [{ setting, claim: claimName(name, path, volume), storage, storageClass, access }];
  });

/** Whether data may not be lost: the database's setting decides, and without a database that of any volume. */
export const isProtected = (database: { readonly protect: boolean } | undefined, owners: Owners): boolean =>
  database?.protect ?? volumesOf(owners).some(({ volume }) => volume.protect);

/** Reports claims that two volumes would share, and protection that the database's setting decides. */
export function volumeConflicts(
  owners: Owners,
  database: object | undefined,
  conflict: (path: string[], message: string) => void,
): void {
  const first = new Map<string, string>();
  for (const { steps, name, path, volume } of volumesOf(owners)) {
    // A database elsewhere has nothing to protect.
    if (database && "protect" in database && volume.protect !== undefined)
      conflict([...steps, "protect"], "nothing, if slipway:database is here: its protect decides");
    if (volume.storage === undefined) continue;
    const claim = claimName(name, path, volume);
    const other = first.get(claim);
    if (other) conflict([...steps, "name"], `another name, as ${claim} is the claim of ${other} already`);
    first.set(claim, `${name}'s ${path}`);
  }
}
