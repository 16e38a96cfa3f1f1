import { merge } from "./patches.ts";
import { isPatch, kindOf } from "./pods.ts";
import { resourceRule, stackRule } from "./rule.ts";
import { list, unknown } from "./unknown-values.ts";

/** Types of resources whose deletion loses data. */
const holdsData =
  /^kubernetes:core\/v1:(PersistentVolumeClaim|PersistentVolume|Namespace)$|^aws:(ebs\/volume:Volume|efs\/fileSystem:FileSystem|kms\/key:Key|eks\/cluster:Cluster|ec2\/vpc:Vpc|rds\/(instance:Instance|cluster:Cluster)|s3\/bucket(V2)?:Bucket(V2)?|dynamodb\/table:Table)$/;

/**
 * Requires protection of all data if any is protected, which is `slipway:database.protect`. Credentials can't be protected,
 * because they change with their setting.
 */
export const dataProtected = stackRule<{ always: boolean }>(
  {
    id: "data-protected",
    reason:
      "One unprotected part is enough to lose the data: a namespace is deleted with its claims, a volume is unreadable without its key.",
    remedy: "set protect on it as on the others (slipway:database.protect sets it on all of them)",
    configuration: {
      always: {
        type: "boolean",
        description: "Whether the environment has to be protected, independent of its settings.",
        default: false,
      },
    },
  },
  (resources, { always }) => {
    const data = resources.filter(({ type }) => holdsData.test(type));
    const example = data.find(({ protect }) => protect);
    if (!always && !example) return [];
    const why = example ? `as ${titleOf(example)} is` : "and this environment has to be";
    return data
      .filter(({ protect }) => !protect)
      .map((each) => ({ urn: each.urn, problem: `${titleOf(each)} is not protected, ${why}` }));
  },
);

const titleOf = ({ type, name }: { readonly type: string; readonly name: string }): string =>
  `${type.split(":").at(-1)} ${name}`;

export const imagesKept = resourceRule(
  {
    id: "images-kept",
    reason: "Every environment runs images of the registry, and rolls back to them, so they outlive every stack.",
    remedy: "protect the repository, leave forceDelete out, and make releases' tags immutable",
  },
  ({ type, props, protect }) => {
    if (type !== "aws:ecr/repository:Repository") return [];
    const movable = props.imageTagMutability === undefined || props.imageTagMutability === "MUTABLE";
    return [
      ...(protect ? [] : ["the repository is not protected"]),
      ...(props.forceDelete === true ? ["it would be deleted with all its images: forceDelete"] : []),
      ...(movable ? ["a release's tag could be moved: imageTagMutability is MUTABLE"] : []),
    ];
  },
);

export const volumesKept = resourceRule(
  {
    id: "volumes-kept",
    reason:
      "A volume that is deleted with its claim is deleted by mistake; whoever obtains a copy can read an unencrypted one.",
    remedy: "set Retain as the reclaim policy, and encryption, on the storage class or volume",
  },
  (resource) => {
    const { type, props: set } = resource;
    const props = isPatch(resource) ? merge(compliantClass, set) : set;
    if (type === "aws:ebs/volume:Volume" && props.encrypted !== true) return ["the volume is not encrypted"];
    if (kindOf(resource) === "PersistentVolume") return volumeProblems(props.spec?.persistentVolumeReclaimPolicy);
    if (kindOf(resource) !== "StorageClass") return [];
    const ebs = /(^|\.)ebs\./.test(String(props.provisioner));
    return [
      ...(props.reclaimPolicy === "Retain"
        ? []
        : ["its volumes are deleted with their claims: reclaimPolicy is not Retain"]),
      ...(ebs && props.parameters?.encrypted !== "true" ? ["its volumes are not encrypted"] : []),
      ...(list(props.allowedTopologies).length > 0 || props.volumeBindingMode === "WaitForFirstConsumer"
        ? []
        : ["its volumes may be created in a zone without pods: volumeBindingMode is not WaitForFirstConsumer"]),
    ];
  },
);

/** Defaults for fields that a patch of a class leaves out. */
const compliantClass = {
  reclaimPolicy: "Retain",
  parameters: { encrypted: "true" },
  volumeBindingMode: "WaitForFirstConsumer",
};

/** A volume that is created by hand is retained by default. */
const volumeProblems = (policy: unknown = "Retain"): string[] =>
  policy === "Retain" || policy === unknown
    ? []
    : [`it is deleted with its claim: persistentVolumeReclaimPolicy is ${policy}`];
