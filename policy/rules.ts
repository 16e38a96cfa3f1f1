import { dataProtected, imagesKept, volumesKept } from "./data-loss.ts";
import { containerProbes, containerResources } from "./health.ts";
import { iamWildcard } from "./iam.ts";
import { imageByDigest, imageRegistry } from "./images.ts";
import { awsName, kubernetesName, resourceCount } from "./limits.ts";
import { openApiServer, openSecurityGroup } from "./open-network.ts";
import { plainSecret } from "./plain-secrets.ts";
import { publicLoadBalancer } from "./public-access.ts";
import { publicBucket } from "./public-storage.ts";
import { namespaceRestricted, podReadOnly, podRestricted, podWithoutToken } from "./restricted-pods.ts";

/** Every rule of the pack. */
export const rules = [
  imageByDigest,
  imageRegistry,
  podRestricted,
  podReadOnly,
  podWithoutToken,
  namespaceRestricted,
  plainSecret,
  containerProbes,
  containerResources,
  publicLoadBalancer,
  dataProtected,
  imagesKept,
  volumesKept,
  iamWildcard,
  publicBucket,
  openSecurityGroup,
  openApiServer,
  resourceCount,
  kubernetesName,
  awsName,
] as const;
