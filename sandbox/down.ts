import { existsSync } from "node:fs";
import { recover } from "./leftovers.ts";
import { takeLock } from "./lock.ts";
import { removeFolder } from "./mounts.ts";
import { networkIsOwn, removeNetwork } from "./network.ts";
import { paths } from "./paths.ts";
import { runSandbox, say } from "./progress.ts";
import { stop } from "./stop.ts";
import { removeTraces } from "./traces.ts";

/** npm run down: ends only what `npm run up` started. With --purge it deletes the data too, but nothing that was compiled. */
await runSandbox(async () => {
  if (!existsSync(paths.root)) return say("there is no sandbox here");
  takeLock(paths.lock, "npm run down");
  await recover();
  await stop();
  if (networkIsOwn()) {
    removeTraces();
    await removeNetwork();
  }
  say("stopped; the data is kept");

  if (!process.argv.includes("--purge")) return;
  for (const folder of [
    paths.data,
    paths.pulumiState,
    paths.environments,
    paths.etc,
    paths.certificates,
    paths.log,
    paths.buildx,
    paths.kubectlCache,
  ]) {
    await removeFolder(folder);
  }
  for (const file of [paths.kubeconfig, paths.ingressAuthority]) await removeFolder(file);
  say(`data, state, certificates and logs are removed; what was compiled stays: rm -rf ${paths.root} removes that too`);
});
