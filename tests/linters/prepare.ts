import { ensureCompiled } from "../../sandbox/compile.ts";
import { ensureDebianPrograms } from "../../sandbox/debian-packages.ts";
import type { CompiledPart } from "../../sandbox/parts.ts";
import { runSandbox } from "../../sandbox/progress.ts";
import { ensureSyft } from "../../sandbox/syft.ts";
import { ensureHadolint } from "./hadolint.ts";
import { ensureSchemas } from "./schemas.ts";

/** Linters that are Go programs. */
const compiledLinters: readonly CompiledPart[] = [
  {
    name: "kubeconform",
    module: "github.com/yannh/kubeconform",
    stamp: (version) => [`main.version=${version}`],
  },
  {
    name: "kube-score",
    module: "github.com/zegl/kube-score",
    stamp: (version) => [`main.version=${version}`],
  },
  { name: "pod-security", module: "k8s.io/pod-security-admission", stamp: () => [] },
  {
    name: "actionlint",
    module: "github.com/rhysd/actionlint",
    stamp: (version) => [`github.com/rhysd/actionlint.version=${version}`],
  },
];

/** npm run coverage: installs or compiles missing linters, and the registry and syft for tests of attestations. */
await runSandbox(async () => {
  for (const part of compiledLinters) await ensureCompiled(part);
  await ensureSchemas();
  await ensureHadolint();
  await ensureDebianPrograms("docker-registry");
  await ensureSyft();
});
