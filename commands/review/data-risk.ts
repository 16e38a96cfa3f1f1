import { dataKind, holdsData } from "../../preflight/data-types.ts";
import { bytes } from "../../settings/quantity.ts";
import { list, resourceName, type Sentence, say, show } from "../cli/sentence.ts";
import type { FieldDifference } from "../environments/differences.ts";
import { changedFields } from "../preview/changed-fields.ts";
import { array, isManifest, metadataOf, type Pod, podOf, specOf } from "../preview/manifest.ts";
import type { Step } from "../preview/preview.ts";

/** Returns a sentence for each way in which a change loses or moves data. */
export function dataRisks(step: Step): Sentence[] {
  const lifted = protectionLifted(step);
  if (step.type.startsWith("pulumi:providers:")) return [...anotherCluster(step), ...lifted];
  if (step.type === "aws:dlm/lifecyclePolicy:LifecyclePolicy") return [...snapshotsEnd(step), ...lifted];
  if (!isManifest(step)) return [...(holdsData(step.type) ? gone(step, say`${step.name}`) : []), ...lifted];
  switch (step.kind) {
    case "PersistentVolumeClaim":
      return [...gone(step, say`volume ${step.name}${size(step)}`), ...shrunk(step), ...lifted];
    case "Namespace":
      return [...namespaceGone(step), ...lifted];
    case "CronJob":
      return [...backupsEnd(step), ...lifted];
    default:
      return [...(dataKind(step.type) ? gone(step, say`${resourceName(step)}`) : dataReader(step)), ...lifted];
  }
}

const size = ({ before }: Step): Sentence => {
  const storage = specOf(before).resources?.requests?.storage;
  return storage === undefined ? [] : [" (", ...say`${show(storage)}`, ")"];
};

/** Pulumi's option decides what happens to the data, then the volume's own policy. */
function gone(step: Step, what: Sentence): Sentence[] {
  const { op, before, missing } = step;
  const isKept = before?.retainOnDelete;
  if (missing) return [say`${what} is missing: it was deleted outside Pulumi, and a new one would be empty`];
  if (op === "replace") {
    const why = say`${what} is replaced by an empty one${because(changedFields(step))}`;
    return [isKept ? say`${why}; the old one is kept, no longer managed by Pulumi` : why];
  }
  if (op !== "delete") return [];
  if (isKept) return [say`${what} is no longer managed by Pulumi: it is kept as it is`];
  const last = isManifest(step)
    ? say`, and its data with it unless its storage class says Retain`
    : say` with its data`;
  return [say`${what} is deleted${last}`];
}

const because = (fields: readonly FieldDifference[]): Sentence => {
  const [first] = fields;
  return first ? say`, because of ${first.field}: ${show(first.left)} → ${show(first.right)}` : [];
};

function shrunk({ name, before, after }: Step): Sentence[] {
  const [from, to] = [before, after].map((state) => specOf(state).resources?.requests?.storage);
  if (!isSmaller(to, from)) return [];
  return [say`volume ${name} ${show(from)} → ${show(to)}: refused by Kubernetes, a volume can't shrink`];
}

function isSmaller(after: unknown, before: unknown): boolean {
  try {
    return bytes(String(after)) < bytes(String(before));
  } catch {
    return false;
  }
}

function namespaceGone({ op, before, name, after, missing }: Step): Sentence[] {
  const fullName = show(metadataOf(before).name ?? name);
  if (missing) return [say`namespace ${fullName} is missing: it was deleted outside Pulumi, with everything in it`];
  if (op !== "delete" && op !== "replace") return [];
  if (before?.retainOnDelete)
    return [say`namespace ${fullName} is no longer managed by Pulumi: it is kept, with everything in it`];
  const renamed = op === "replace" ? say` (its successor is ${show(metadataOf(after).name)})` : [];
  return [say`namespace ${fullName} is deleted with everything in it, volumes included${renamed}`];
}

/** A server that reads other data, or the same data as another version. */
function dataReader({ kind, name, before, after }: Step): Sentence[] {
  const [from, to] = [podOf(kind, before), podOf(kind, after)];
  if (!from || !to || (from.claims.length === 0 && to.claims.length === 0)) return [];
  const moved: Sentence[] = [];
  // A volume that is only added takes nothing away.
  if (from.claims.some((claim) => !to.claims.includes(claim)))
    moved.push(say`${name} reads other volumes: ${list(from.claims)} → ${list(to.claims)}`);
  for (const container of to.containers) {
    const earlier = from.containers.find((each) => each.name === container.name);
    const [old, now] = [major(earlier?.image), major(container.image)];
    if (old !== undefined && now !== undefined && old !== now)
      moved.push(say`${name} changes from version ${old} to ${now} on the same data, which it may not be able to read`);
    const [oldPaths, newPaths] = [dataPaths(from, earlier), dataPaths(to, container)];
    if (earlier && (oldPaths.some((path) => !newPaths.includes(path)) || folder(oldPaths) !== folder(newPaths)))
      moved.push(say`${name} looks for its data elsewhere: ${inWords(oldPaths)} → ${inWords(newPaths)}`);
  }
  return [...new Map(moved.map((sentence) => [JSON.stringify(sentence), sentence])).values()];
}

/** Major version in the tag of an image. A digest, which may begin with a digit, is no version. */
const major = (image: unknown): string | undefined => /:v?(\d+)[^/@]*$/.exec(String(image).replace(/@.*$/, ""))?.[1];

const folder = (paths: readonly string[]): string | undefined => paths.find((path) => path.startsWith("PGDATA="));
const inWords = (paths: readonly string[]): string => show(paths.join("; "), 300);

/** Returns the paths at which a container mounts claims, and PostgreSQL's data folder. */
function dataPaths({ spec, claims }: Pod, container: Pod["containers"][number] | undefined): string[] {
  const volumes = array(spec.volumes).filter((volume) => volume.persistentVolumeClaim || claims.includes(volume.name));
  const mounts = array(container?.volumeMounts)
    .filter(({ name }) => volumes.some((volume) => volume.name === name) || claims.includes(name))
    .map(({ name, mountPath, subPath = "" }) => `${name} at ${mountPath}${subPath && `, folder ${subPath}`}`);
  const folder = array(container?.env).find(({ name }) => name === "PGDATA");
  return [...mounts, ...(folder ? [`PGDATA=${folder.value}`] : [])];
}

/** Backups that end, or are kept for less time. */
function backupsEnd({ op, kind, name, before, after }: Step): Sentence[] {
  if (metadataOf(before).labels?.["app.kubernetes.io/component"] !== "backup") return [];
  if (op === "delete") return [say`${name} is deleted: no more backups are made`];
  if (specOf(after).suspend === true && specOf(before).suspend !== true)
    return [say`${name} is suspended: no more backups are made`];
  const [from = 0, to = 0] = [before, after].map((state) => Number(backupsKept(kind, state)));
  return fewer(name, "backups", from, to);
}

const backupsKept = (kind: string, state: Step["before"]): unknown =>
  podOf(kind, state)?.containers[0]?.env?.find((each: Record<string, string>) => each.name === "KEEP")?.value;

const fewer = (name: string, what: string, from: number, to: number): Sentence[] =>
  to < from ? [say`${name} keeps ${to} ${[what]} instead of ${from}: older ones are deleted`] : [];

/** Snapshots of volumes that end, or are kept for less time. */
function snapshotsEnd({ op, name, before, after }: Step): Sentence[] {
  if (op === "delete" || op === "replace") return [say`${name} is deleted: it makes no more snapshots`];
  if (before?.inputs.state === "ENABLED" && after?.inputs.state !== "ENABLED")
    return [say`${name} is no longer enabled: no more snapshots are made`];
  const [from = 0, to = 0] = [before, after].map((state) => Number(snapshotsKept(state)));
  return fewer(name, "snapshots of each volume", from, to);
}

const snapshotsKept = (state: Step["before"]): unknown => {
  const { schedules } = (state?.inputs.policyDetails ?? {}) as { schedules?: { retainRule?: { count?: number } }[] };
  return schedules?.[0]?.retainRule?.count;
};

/** A provider that connects elsewhere leaves everything behind that it created. */
function anotherCluster(step: Step): Sentence[] {
  return changedFields(step)
    .filter(({ field }) => /^(context|cluster|kubeconfig|region|endpoint)$/.test(field))
    .map(({ field, left, right }) => {
      const change = say`${resourceName(step)} connects to another place: ${field} ${show(left)} → ${show(right)}`;
      return say`${change}; what runs there now stays there`;
    });
}

function protectionLifted(step: Step): Sentence[] {
  const { op, before, after } = step;
  if (!before || !after || op === "drift") return [];
  if (before.protect && !after.protect)
    return [say`${resourceName(step)} is no longer protected: a later change may delete it`];
  if (before.retainOnDelete && !after.retainOnDelete && op !== "replace")
    return [say`${resourceName(step)} is no longer kept when its stack deletes it`];
  return [];
}
