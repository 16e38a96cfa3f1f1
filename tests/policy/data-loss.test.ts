import { dataProtected, imagesKept, volumesKept } from "../../policy/data-loss.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { describeRule, object, type TestResource } from "./rule-tests.ts";

const claim = (protect: boolean): TestResource =>
  object("core/v1:PersistentVolumeClaim", {}, { name: "data", protect });
const namespace = (protect: boolean): TestResource => object("core/v1:Namespace", {}, { name: "app", protect });
const key = (protect: boolean): TestResource => ({ type: "aws:kms/key:Key", name: "secrets", props: {}, protect });
const repository = (props: object = {}, protect = true): TestResource => ({
  type: "aws:ecr/repository:Repository",
  props: { imageTagMutability: "MUTABLE_WITH_EXCLUSION", ...props },
  protect,
});
const other: TestResource = { type: "kubernetes:apps/v1:Deployment", props: {}, protect: false };

describeRule(dataProtected, {
  accepts: {
    "an environment without any protected data": [claim(false), namespace(false), repository()],
    "an environment with all data protected": [claim(true), namespace(true), key(true), other],
    "an environment without data": [other],
  },
  refuses: {
    "a protected claim in an unprotected namespace": [
      [claim(true), namespace(false)],
      /^app: [\s\S]*Namespace app is not protected, as PersistentVolumeClaim data is/,
    ],
    "an unprotected claim in a protected namespace": [
      [claim(false), namespace(true)],
      /^data: [\s\S]*PersistentVolumeClaim data is not protected, as Namespace app is/,
    ],
    "an unprotected key": [[claim(true), key(false)], /^secrets: [\s\S]*Key secrets is not protected/],
  },
});

describeRule(dataProtected, {
  configuration: { always: true },
  accepts: { "protected data": [claim(true)], "no data": [other] },
  refuses: {
    "unprotected data": [[claim(false)], /PersistentVolumeClaim data is not protected, and this environment has to be/],
  },
});

describeRule(imagesKept, {
  accepts: {
    "a protected registry": repository(),
    "immutable tags": repository({ imageTagMutability: "IMMUTABLE" }),
    "any other resource": claim(false),
  },
  refuses: {
    "an unprotected registry": [repository({}, false), /the repository is not protected/],
    "a registry that is deleted with its images": [repository({ forceDelete: true }), /forceDelete/],
    "mutable tags": [repository({ imageTagMutability: undefined }), /a release's tag could be moved/],
  },
});

const volume = (spec: object): TestResource => object("core/v1:PersistentVolume", { spec });
const storageClass = (props: object): TestResource =>
  object("storage.k8s.io/v1:StorageClass", {
    provisioner: "ebs.csi.eks.amazonaws.com",
    parameters: { encrypted: "true" },
    reclaimPolicy: "Retain",
    volumeBindingMode: "WaitForFirstConsumer",
    ...props,
  });

describeRule(volumesKept, {
  accepts: {
    "a class with retained volumes": storageClass({}),
    "a provisioner without encryption settings": storageClass({
      provisioner: "rancher.io/local-path",
      parameters: {},
    }),
    "a class for given zones": storageClass({ volumeBindingMode: undefined, allowedTopologies: [{}] }),
    "a retained volume": volume({ persistentVolumeReclaimPolicy: "Retain" }),
    "a volume without reclaim policy, which is retained": volume({}),
    "a volume with an unknown reclaim policy": volume({ persistentVolumeReclaimPolicy: unknown }),
    "an encrypted disk": { type: "aws:ebs/volume:Volume", props: { encrypted: true } },
  },
  refuses: {
    "a class whose volumes are deleted": [storageClass({ reclaimPolicy: undefined }), /reclaimPolicy is not Retain/],
    "a volume that is deleted": [
      volume({ persistentVolumeReclaimPolicy: "Delete" }),
      /it is deleted with its claim: persistentVolumeReclaimPolicy is Delete/,
    ],
    "a volume that is recycled": [volume({ persistentVolumeReclaimPolicy: "Recycle" }), /is Recycle/],
    "a class with unencrypted volumes": [storageClass({ parameters: {} }), /its volumes are not encrypted/],
    "a class with volumes in any zone": [storageClass({ volumeBindingMode: "Immediate" }), /volumeBindingMode/],
    "an unencrypted disk": [{ type: "aws:ebs/volume:Volume", props: {} }, /the volume is not encrypted/],
  },
});
