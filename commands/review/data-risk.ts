import { bytes } from "../../settings/quantity.ts";
import { kindName, list, type Sentence, say, shown } from "../cli/sentence.ts";
import { changedFields, type FieldChange } from "../preview/changed-fields.ts";
import { array, isManifest, metadataOf, type Pod, podOf, specOf } from "../preview/manifest.ts";
import type { Step } from "../preview/preview.ts";

/** What holds data in a cloud, by the end of its type. */
const holdsData =
  /^(?!docker).*(Bucket(V2)?|Database|Volume|Disk|FileSystem|(?<!Route)Table|Repository|Vault|Snapshot|\bKey)$|^aws:(rds|docdb|neptune|elasticache|redshift|eks)\/(instance|cluster|globalCluster)/;

/** How a change could lose data, or put it elsewhere: one sentence for each way; none where it does not. */
export function dataRisks(step: Step): Sentence[] {
  const lifted = protectionLifted(step);
  if (step.type.startsWith("pulumi:providers:")) return [...anotherCluster(step), ...lifted];
  if (step.type === "aws:dlm/lifecyclePolicy:LifecyclePolicy") return [...snapshotsEnd(step), ...lifted];
  if (!isManifest(step)) return [...(holdsData.test(step.type) ? gone(step, say`${step.name}`) : []), ...lifted];
  switch (step.kind) {
    case "PersistentVolumeClaim":
      return [...gone(step, say`volume ${step.name}${size(step)}`), ...shrunk(step), ...lifted];
    case "PersistentVolume":
    case "VolumeSnapshot":
    case "VolumeSnapshotContent":
    case "CustomResourceDefinition":
      return [...gone(step, say`${kindName(step.kind)} ${step.name}`), ...lifted];
    case "Namespace":
      return [...namespaceGone(step), ...lifted];
    case "CronJob":
      return [...backupsEnd(step), ...lifted];
    default:
      return [...reader(step), ...lifted];
  }
}

const size = ({ before }: Step): Sentence => {
  const storage = specOf(before).resources?.requests?.storage;
  return storage === undefined ? [] : [" (", ...say`${shown(storage)}`, ")"];
};

/** Deleted or replaced: what becomes of the data is up to Pulumi's option, then to the volume's own policy. */
function gone(step: Step, what: Sentence): Sentence[] {
  const { op, before, missing } = step;
  const stays = before?.retainOnDelete;
  if (missing) return [say`${what} is missing: it was deleted outside Pulumi, and a new one would be empty`];
  if (op === "replace") {
    const why = say`${what} is replaced by an empty one${because(changedFields(step))}`;
    return [stays ? say`${why}; the earlier one stays where it is, out of Pulumi's sight` : why];
  }
  if (op !== "delete") return [];
  if (stays) return [say`${what} is let go of: it stays where it is, out of Pulumi's sight`];
  const last = isManifest(step)
    ? say`, and its data with it unless its storage class says Retain`
    : say` with its data`;
  return [say`${what} is deleted${last}`];
}

const because = (fields: readonly FieldChange[]): Sentence => {
  const [first] = fields;
  return first ? say`, because of ${first.field}: ${shown(first.left)} → ${shown(first.right)}` : [];
};

function shrunk({ name, before, after }: Step): Sentence[] {
  const [from, to] = [before, after].map((state) => specOf(state).resources?.requests?.storage);
  if (!isSmaller(to, from)) return [];
  return [say`volume ${name} ${shown(from)} → ${shown(to)}: refused by Kubernetes, a volume can't shrink`];
}

function isSmaller(after: unknown, before: unknown): boolean {
  try {
    return bytes(String(after)) < bytes(String(before));
  } catch {
    return false;
  }
}

function namespaceGone({ op, before, name, after, missing }: Step): Sentence[] {
  const called = shown(metadataOf(before).name ?? name);
  if (missing) return [say`namespace ${called} is missing: it was deleted outside Pulumi, with everything in it`];
  if (op !== "delete" && op !== "replace") return [];
  if (before?.retainOnDelete)
    return [say`namespace ${called} is let go of: it stays where it is, with everything in it`];
  const renamed = op === "replace" ? say` (its successor is ${shown(metadataOf(after).name)})` : [];
  return [say`namespace ${called} is deleted with everything in it, volumes included${renamed}`];
}

/** A server that gets other data to read, or reads the same as another version. */
function reader({ kind, name, before, after }: Step): Sentence[] {
  const [from, to] = [podOf(kind, before), podOf(kind, after)];
  if (!from || !to || (from.claims.length === 0 && to.claims.length === 0)) return [];
  const moved: Sentence[] = [];
  if (from.claims.join() !== to.claims.join())
    moved.push(say`${name} reads other volumes: ${list(from.claims)} → ${list(to.claims)}`);
  for (const container of to.containers) {
    const earlier = from.containers.find((each) => each.name === container.name);
    const [old, now] = [major(earlier?.image), major(container.image)];
    if (old !== undefined && now !== undefined && old !== now)
      moved.push(say`${name} goes from version ${old} to ${now} on the same data, which it may not be able to read`);
    const [place, other] = [dataPlaces(from, earlier), dataPlaces(to, container)];
    if (earlier && place !== other) moved.push(say`${name} looks for its data elsewhere: ${place} → ${other}`);
  }
  return [...new Map(moved.map((sentence) => [JSON.stringify(sentence), sentence])).values()];
}

const major = (image: unknown): string | undefined => /:v?(\d+)[^/@]*(@.*)?$/.exec(String(image))?.[1];

/** Where a container has its claims, and where PostgreSQL looks in them. */
function dataPlaces({ spec, claims }: Pod, container: Pod["containers"][number] | undefined): string {
  const volumes = array(spec.volumes).filter((volume) => volume.persistentVolumeClaim || claims.includes(volume.name));
  const mounts = array(container?.volumeMounts)
    .filter(({ name }) => volumes.some((volume) => volume.name === name) || claims.includes(name))
    .map(({ name, mountPath, subPath = "" }) => `${name} at ${mountPath}${subPath && `, folder ${subPath}`}`);
  const folder = array(container?.env).find(({ name }) => name === "PGDATA");
  return shown([...mounts, ...(folder ? [`PGDATA=${folder.value}`] : [])].join("; "), 300);
}

/** Backups that are no longer made, or kept for less long. */
function backupsEnd({ op, kind, name, before, after }: Step): Sentence[] {
  if (metadataOf(before).labels?.["app.kubernetes.io/component"] !== "backup") return [];
  if (op === "delete") return [say`${name} goes: no more backups are made`];
  if (specOf(after).suspend === true && specOf(before).suspend !== true)
    return [say`${name} is suspended: no more backups are made`];
  const [from = 0, to = 0] = [before, after].map((state) => Number(keep(kind, state)));
  return fewer(name, "backups", from, to);
}

const keep = (kind: string, state: Step["before"]): unknown =>
  podOf(kind, state)?.containers[0]?.env?.find((each: Record<string, string>) => each.name === "KEEP")?.value;

const fewer = (name: string, what: string, from: number, to: number): Sentence[] =>
  to < from ? [say`${name} keeps ${to} ${[what]} instead of ${from}: older ones are deleted`] : [];

/** Snapshots of volumes that are no longer made, or kept for less long. */
function snapshotsEnd({ op, name, before, after }: Step): Sentence[] {
  if (op === "delete" || op === "replace") return [say`${name} goes: no more snapshots are made by it`];
  if (before?.inputs.state === "ENABLED" && after?.inputs.state !== "ENABLED")
    return [say`${name} is no longer enabled: no more snapshots are made`];
  const [from = 0, to = 0] = [before, after].map((state) => Number(kept(state)));
  return fewer(name, "snapshots of each volume", from, to);
}

const kept = (state: Step["before"]): unknown => {
  const { schedules } = (state?.inputs.policyDetails ?? {}) as { schedules?: { retainRule?: { count?: number } }[] };
  return schedules?.[0]?.retainRule?.count;
};

/** A provider that points elsewhere leaves all that it has made behind. */
function anotherCluster(step: Step): Sentence[] {
  return changedFields(step)
    .filter(({ field }) => /^(context|cluster|kubeconfig|region|endpoint)$/.test(field))
    .map(({ field, left, right }) => {
      const where = say`${kindName(step.kind)} ${step.name} speaks to another place: ${field} ${shown(left)} → ${shown(right)}`;
      return say`${where}; what runs there now stays there`;
    });
}

function protectionLifted({ op, kind, name, before, after }: Step): Sentence[] {
  if (!before || !after || op === "drift") return [];
  if (before.protect && !after.protect)
    return [say`${kindName(kind)} ${name} is no longer protected: a later change may delete it`];
  if (before.retainOnDelete && !after.retainOnDelete && op !== "replace")
    return [say`${kindName(kind)} ${name} is no longer kept when its stack lets go of it`];
  return [];
}
