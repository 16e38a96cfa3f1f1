import { appendFileSync } from "node:fs";
import { runMain } from "../commands/cli/run-main.ts";
import { places } from "./paths.ts";
import { ensureLister } from "./syft.ts";

/**
 * npm run lister: sees to it that there is a syft, which lists what is in a release, on the PATH of a job's later steps.
 * The version that is pinned in sandbox/compile/syft, unless the machine has its own.
 */
await runMain(async () => {
  await ensureLister();
  const { GITHUB_PATH: folders } = process.env;
  if (folders) appendFileSync(folders, `${places.bin}\n`);
});
