import { servePlugin } from "../serve.ts";
import { packageVersion } from "../version.ts";
import { kubernetesHandlers } from "./provider.ts";

await servePlugin(packageVersion("kubernetes"), kubernetesHandlers);
