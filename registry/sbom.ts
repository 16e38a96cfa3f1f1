import { attemptProgram } from "../settings/run-program.ts";
import type { Login } from "./login.ts";
import { isLocal } from "./repository.ts";

/** Media type of a list of what is in an image: https://cyclonedx.org/specification/overview */
export const sbomType = "application/vnd.cyclonedx+json";

/**
 * Lists what is in an image, as syft finds it: the packages of its distribution, and those of the languages in it. Without
 * the time and the random number that syft puts in: the same image has the same list.
 *
 * @param image by digest, with its repository in front
 * @param login default: as `docker login` left it
 * @throws Error with what syft said
 */
export async function sbomOf(image: string, platform: string, login?: Login): Promise<string> {
  const [host = ""] = image.split("/");
  const env = {
    ...process.env,
    SYFT_CHECK_FOR_APP_UPDATE: "false",
    // Packages alone: with every file's hash the sample application's list is 1.4 MB instead of 0.3.
    SYFT_FILE_METADATA_SELECTION: "none",
    SYFT_REGISTRY_INSECURE_USE_HTTP: String(isLocal(host)),
    // Not on the command line, where everybody on the machine could read it.
    ...(login && {
      SYFT_REGISTRY_AUTH_AUTHORITY: host,
      SYFT_REGISTRY_AUTH_USERNAME: login.username,
      SYFT_REGISTRY_AUTH_PASSWORD: login.password,
    }),
  };
  const scan = ["scan", `registry:${image}`, "--platform", platform, "--output", "cyclonedx-json"];
  const { code, stdout, stderr } = await attemptProgram("syft", scan, { env }).catch((error) => {
    throw error.code === "ENOENT" ? new Error(`syft is not on the PATH; ${howToInstall}`) : error;
  });
  if (code !== 0) throw new Error(`syft could not list what is in the image: ${stderr.trim()}`);
  const { serialNumber: _, ...list } = JSON.parse(stdout);
  delete list.metadata.timestamp;
  return JSON.stringify(list);
}

/** What to do where syft is missing. */
export const howToInstall = "install it (https://github.com/anchore/syft#installation); in the sandbox: npm run syft";

/** The image that a list says that it is of, by its digest; undefined where it is no such list. */
export function describedBy(sbom: string): string | undefined {
  try {
    return JSON.parse(sbom).metadata?.component?.version;
  } catch {
    return undefined;
  }
}
