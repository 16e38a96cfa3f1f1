import { dataProtected, imagesKept, volumesKept } from "../../policy/data-loss.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { type Judged, judges, object } from "./rule-tests.ts";

const claim = (protect: boolean): Judged => object("core/v1:PersistentVolumeClaim", {}, { name: "data", protect });
const namespace = (protect: boolean): Judged => object("core/v1:Namespace", {}, { name: "app", protect });
const key = (protect: boolean): Judged => ({ type: "aws:kms/key:Key", name: "secrets", props: {}, protect });
const repository = (props: object = {}, protect = true): Judged => ({
  type: "aws:ecr/repository:Repository",
  props: { imageTagMutability: "MUTABLE_WITH_EXCLUSION", ...props },
  protect,
});
const other: Judged = { type: "kubernetes:apps/v1:Deployment", props: {}, protect: false };

judges(dataProtected, {
  passes: {
    "an environment whose data is disposable": [claim(false), namespace(false), repository()],
    "one in which all of it is protected": [claim(true), namespace(true), key(true), other],
    "one without data": [other],
  },
  fails: {
    "a claim in a namespace that may go": [
      [claim(true), namespace(false)],
      /^app: [\s\S]*Namespace app is not protected, as PersistentVolumeClaim data is/,
    ],
    "a claim that may go": [
      [claim(false), namespace(true)],
      /^data: [\s\S]*PersistentVolumeClaim data is not protected, as Namespace app is/,
    ],
    "a key that may go": [[claim(true), key(false)], /^secrets: [\s\S]*Key secrets is not protected/],
  },
});

judges(dataProtected, {
  configuration: { always: true },
  passes: { "protected data": [claim(true)], "no data": [other] },
  fails: {
    "data that is not": [[claim(false)], /PersistentVolumeClaim data is not protected, and this environment has to be/],
  },
});

judges(imagesKept, {
  passes: {
    "a registry that stays": repository(),
    "tags that never move": repository({ imageTagMutability: "IMMUTABLE" }),
    "any other resource": claim(false),
  },
  fails: {
    "one that may go": [repository({}, false), /the repository is not protected/],
    "one that goes with its images": [repository({ forceDelete: true }), /forceDelete/],
    "tags that move": [repository({ imageTagMutability: undefined }), /a release's tag could be moved/],
  },
});

const volume = (spec: object): Judged => object("core/v1:PersistentVolume", { spec });
const storageClass = (props: object): Judged =>
  object("storage.k8s.io/v1:StorageClass", {
    provisioner: "ebs.csi.eks.amazonaws.com",
    parameters: { encrypted: "true" },
    reclaimPolicy: "Retain",
    volumeBindingMode: "WaitForFirstConsumer",
    ...props,
  });

judges(volumesKept, {
  passes: {
    "volumes that stay": storageClass({}),
    "a provisioner of which no encryption is known": storageClass({
      provisioner: "rancher.io/local-path",
      parameters: {},
    }),
    "zones that are named": storageClass({ volumeBindingMode: undefined, allowedTopologies: [{}] }),
    "a volume that stays": volume({ persistentVolumeReclaimPolicy: "Retain" }),
    "a volume of which nothing is said: it stays": volume({}),
    "a volume of which that is not known yet": volume({ persistentVolumeReclaimPolicy: unknown }),
    "an encrypted disk": { type: "aws:ebs/volume:Volume", props: { encrypted: true } },
  },
  fails: {
    "volumes that go": [storageClass({ reclaimPolicy: undefined }), /reclaimPolicy is not Retain/],
    "a volume that goes": [
      volume({ persistentVolumeReclaimPolicy: "Delete" }),
      /it goes with its claim: persistentVolumeReclaimPolicy is Delete/,
    ],
    "a volume that is emptied": [volume({ persistentVolumeReclaimPolicy: "Recycle" }), /is Recycle/],
    "volumes in the clear": [storageClass({ parameters: {} }), /its volumes are not encrypted/],
    "volumes in any zone": [storageClass({ volumeBindingMode: "Immediate" }), /volumeBindingMode/],
    "a disk in the clear": [{ type: "aws:ebs/volume:Volume", props: {} }, /the volume is not encrypted/],
  },
});
