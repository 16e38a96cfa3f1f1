import { over } from "./patches.ts";
import { isPatch, kindOf } from "./pods.ts";
import { resourceRule, stackRule } from "./rule.ts";
import { list, unknown } from "./unknown-values.ts";

/** Whatever an environment's data is lost with. */
const holdsData =
  /^kubernetes:core\/v1:(PersistentVolumeClaim|PersistentVolume|Namespace)$|^aws:(ebs\/volume:Volume|efs\/fileSystem:FileSystem|kms\/key:Key|eks\/cluster:Cluster|ec2\/vpc:Vpc|rds\/(instance:Instance|cluster:Cluster)|s3\/bucket(V2)?:Bucket(V2)?|dynamodb\/table:Table)$/;

/**
 * An environment is protected where anything of its data is, which is `slipway:database.protect`: then all of it has to
 * be. Of what else it has: credentials come from a setting and have to change with it, so they can't be protected; the
 * state's own bucket and key are made before the program runs, from cloud/state.yaml.
 */
export const dataProtected = stackRule<{ always: boolean }>(
  {
    id: "data-protected",
    level: "mandatory",
    reason:
      "One unprotected part is enough to lose the data: a claim goes with its namespace, a volume is unreadable without its key.",
    remedy: "set protect on it as on the others (slipway:database.protect reaches all of them)",
    configuration: {
      always: {
        type: "boolean",
        description: "Whether the environment has to be protected, whatever its settings say.",
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
      .map((each) => ({ urn: each.urn, finding: `${titleOf(each)} is not protected, ${why}` }));
  },
);

const titleOf = ({ type, name }: { readonly type: string; readonly name: string }): string =>
  `${type.split(":").at(-1)} ${name}`;

export const imagesKept = resourceRule(
  {
    id: "images-kept",
    level: "mandatory",
    reason:
      "Every environment runs from the registry, and goes back to what lies there: its images outlive every stack.",
    remedy: "protect the repository, leave forceDelete out, and keep releases' tags from being moved",
  },
  ({ type, props, protect }) => {
    if (type !== "aws:ecr/repository:Repository") return [];
    const movable = props.imageTagMutability === undefined || props.imageTagMutability === "MUTABLE";
    return [
      ...(protect ? [] : ["the repository is not protected"]),
      ...(props.forceDelete === true ? ["it would be deleted with all images in it: forceDelete"] : []),
      ...(movable ? ["a release's tag could be moved: imageTagMutability is MUTABLE"] : []),
    ];
  },
);

export const volumesKept = resourceRule(
  {
    id: "volumes-kept",
    level: "mandatory",
    reason:
      "A volume that goes with its claim goes with a mistake; one that is not encrypted is read by whoever gets hold of a copy.",
    remedy: "set Retain as the reclaim policy, and encryption, on the storage class or volume",
  },
  (resource) => {
    const { type, props: set } = resource;
    const props = isPatch(resource) ? over(keeping, set) : set;
    if (type === "aws:ebs/volume:Volume" && props.encrypted !== true) return ["the volume is not encrypted"];
    if (kindOf(resource) === "PersistentVolume") return ofVolume(props.spec?.persistentVolumeReclaimPolicy);
    if (kindOf(resource) !== "StorageClass") return [];
    const ebs = /(^|\.)ebs\./.test(String(props.provisioner));
    return [
      ...(props.reclaimPolicy === "Retain" ? [] : ["its volumes go with their claims: reclaimPolicy is not Retain"]),
      ...(ebs && props.parameters?.encrypted !== "true" ? ["its volumes are not encrypted"] : []),
      ...(list(props.allowedTopologies).length > 0 || props.volumeBindingMode === "WaitForFirstConsumer"
        ? []
        : ["its volumes may lie in a zone where no pod runs: volumeBindingMode is not WaitForFirstConsumer"]),
    ];
  },
);

/** What a patch of a class leaves out. */
const keeping = {
  reclaimPolicy: "Retain",
  parameters: { encrypted: "true" },
  volumeBindingMode: "WaitForFirstConsumer",
};

/** One that is made by hand stays where nothing is said. */
const ofVolume = (policy: unknown = "Retain"): string[] =>
  policy === "Retain" || policy === unknown
    ? []
    : [`it goes with its claim: persistentVolumeReclaimPolicy is ${policy}`];
