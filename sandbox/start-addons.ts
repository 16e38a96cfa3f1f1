import { stackFiles } from "../settings/stack-files.ts";
import { ensureAddons } from "./addons.ts";
import { repository } from "./paths.ts";
import { runSandbox, say } from "./progress.ts";

/** npm run addons: compiles and starts the add-ons of all committed stacks, for the tests that deploy them. */
await runSandbox(async () => {
  await ensureAddons(stackFiles(repository).map(({ config }) => config));
  say("add-ons are ready");
});
