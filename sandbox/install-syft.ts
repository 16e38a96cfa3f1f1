import { appendFileSync } from "node:fs";
import { runMain } from "../commands/cli/run-main.ts";
import { paths } from "./paths.ts";
import { ensureSyft } from "./syft.ts";

/** npm run syft: puts syft on the PATH of a job's later steps, in the version of sandbox/compile/syft unless the machine has its own. */
await runMain(async () => {
  await ensureSyft();
  const { GITHUB_PATH: folders } = process.env;
  if (folders) appendFileSync(folders, `${paths.bin}\n`);
});
