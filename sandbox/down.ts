import { existsSync } from "node:fs";
import { recover } from "./leftovers.ts";
import { takeLock } from "./lock.ts";
import { removeFolder } from "./mounts.ts";
import { networkIsOwn, removeNetwork } from "./network.ts";
import { places } from "./paths.ts";
import { runSandbox, say } from "./progress.ts";
import { stop } from "./stop.ts";
import { removeTraces } from "./traces.ts";

/** npm run down: ends what `npm run up` started, and nothing else. With --purge the data goes too; what was compiled stays. */
await runSandbox(async () => {
  if (!existsSync(places.root)) return say("there is no sandbox here");
  takeLock(places.lock, "npm run down");
  await recover();
  await stop();
  if (networkIsOwn()) {
    removeTraces();
    await removeNetwork();
  }
  say("stopped; the data is kept");

  if (!process.argv.includes("--purge")) return;
  for (const folder of [
    places.data,
    places.pulumiState,
    places.environments,
    places.etc,
    places.certificates,
    places.log,
    places.buildx,
    places.kubectlCache,
  ]) {
    await removeFolder(folder);
  }
  for (const file of [places.kubeconfig, places.ingressAuthority]) await removeFolder(file);
  say(
    `data, state, certificates and logs are removed; what was compiled stays: rm -rf ${places.root} removes that too`,
  );
});
