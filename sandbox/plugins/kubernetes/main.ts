import { servePlugin } from "../serve.ts";
import { packageVersion } from "../version.ts";
import { warmUp } from "./connection.ts";
import { kubernetesHandlers } from "./provider.ts";

await servePlugin(packageVersion("kubernetes"), kubernetesHandlers);
warmUp();
