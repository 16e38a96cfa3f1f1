import { tell } from "../../settings/stack-files.ts";
import { apply, readRequest } from "./apply.ts";

/** npm run apply -- -s STACK --reviewed FILE.json: updates a stack if that does what was reviewed. */
await tell(async () => {
  process.exitCode = await apply(readRequest(process.argv.slice(2)));
});
