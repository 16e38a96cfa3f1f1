import { runMain } from "../cli/run-main.ts";
import { apply, readRequest } from "./apply.ts";

/** npm run apply -- -s STACK --reviewed FILE.json: updates a stack if that does what was reviewed. */
await runMain(async () => {
  process.exitCode = await apply(readRequest(process.argv.slice(2)));
});
