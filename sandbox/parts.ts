import { join } from "node:path";
import { paths } from "./paths.ts";
import { packageVersion } from "./plugins/version.ts";

/** Programs compiled together from one Go module. */
export interface CompiledPart {
  /** Folder of the module under sandbox/compile. */
  readonly name: string;
  /** Module whose version the programs report. */
  readonly module: string;
  /** Linker options (-X) that write the version into the programs. */
  readonly stamp: (version: string) => string[];
  /** Folder of the programs. @default the sandbox's bin folder */
  readonly folder?: (version: string) => string;
  /** Files of the module that the part's own main package embeds. @default none */
  readonly embeds?: {
    /** Their folder in the module. */
    readonly from: string;
    /** Folder of the embedding package, below the part's own. */
    readonly into: string;
    readonly files: readonly string[];
  };
}

const kubernetesVersion = (variable: string) => (version: string) => {
  const [major, minor] = version.slice(1).split(".");
  const fields = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  return Object.entries(fields).map(([name, value]) => `${variable}.${name}=${value}`);
};

/** Parts of the cluster, which are always compiled. */
export const clusterParts: readonly CompiledPart[] = [
  {
    name: "kubernetes",
    module: "k8s.io/kubernetes",
    stamp: (version) =>
      ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((at) => kubernetesVersion(at)(version)),
  },
  {
    name: "buildkit",
    module: "github.com/moby/buildkit",
    stamp: (version) => [`github.com/moby/buildkit/version.Version=${version}`],
  },
  { name: "coredns", module: "github.com/coredns/coredns", stamp: () => [] },
  { name: "local-path", module: "github.com/rancher/local-path-provisioner", stamp: () => [] },
  {
    name: "kube-router",
    module: "github.com/cloudnativelabs/kube-router/v2",
    stamp: (version) => [`github.com/cloudnativelabs/kube-router/v2/pkg/version.Version=${version}`],
  },
];

/** Pulumi CLI, for machines that neither have it nor can download it. */
export const pulumiPart: CompiledPart = {
  name: "pulumi",
  module: "github.com/pulumi/pulumi/pkg/v3",
  stamp: (version) => [`github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`],
};

/** Plugin that builds images, for machines that cannot download it. */
export const dockerBuildPart: CompiledPart = {
  name: "docker-build",
  module: "github.com/pulumi/pulumi-docker-build",
  stamp: (version) => [`github.com/pulumi/pulumi-docker-build/provider.Version=${version.slice(1)}`],
  // The engine warns at every call about a plugin that it finds on the PATH.
  folder: (version) => join(paths.pulumiHome, "plugins", `resource-docker-build-${version}`),
};

/**
 * Plugin for Kubernetes, for machines that cannot download it. Its module has no releases, so the program reports the version of
 * the npm package, which the engine asks for.
 */
export const kubernetesPluginPart: CompiledPart = {
  name: "kubernetes-plugin",
  module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
  stamp: () => [`github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=${packageVersion("kubernetes")}`],
  folder: () => join(paths.pulumiHome, "plugins", `resource-kubernetes-v${packageVersion("kubernetes")}`),
  embeds: {
    from: "cmd/pulumi-resource-kubernetes",
    into: "pulumi-resource-kubernetes",
    files: ["schema.json", "terraform-mapping.json"],
  },
};

/** Program that writes SBOMs, for machines that have none. */
export const syftPart: CompiledPart = {
  name: "syft",
  module: "github.com/anchore/syft",
  stamp: (version) => [`main.version=${version.slice(1)}`],
};

/** Package manager that the benchmark compares an update with. */
export const helmPart: CompiledPart = {
  name: "helm",
  module: "helm.sh/helm/v4",
  stamp: (version) => [`helm.sh/helm/v4/internal/version.version=${version}`],
};
