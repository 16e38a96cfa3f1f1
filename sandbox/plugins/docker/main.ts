import { servePlugin } from "../serve.ts";
import { packageVersion } from "../version.ts";
import { dockerHandlers } from "./provider.ts";

await servePlugin(packageVersion("docker"), dockerHandlers);
