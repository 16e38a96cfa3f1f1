import { parseReference } from "../image/reference.ts";
import { attemptProgram } from "../settings/run-program.ts";
import type { Login } from "./login.ts";
import { isLocal } from "./repository.ts";

/** Media type of an SBOM: https://cyclonedx.org/specification/overview */
export const sbomType = "application/vnd.cyclonedx+json";

/**
 * Lists the packages in an image with syft: those of its distribution, and those of its languages. Leaves out the
 * timestamp and the random number that syft adds, so that the same image has the same SBOM.
 *
 * @param image by digest, with its repository in front
 * @param login default: the one that `docker login` stored
 * @throws Error with syft's message if it fails
 */
export async function createSbom(image: string, platform: string, login?: Login): Promise<string> {
  const { host } = parseReference(image);
  const env = {
    ...process.env,
    SYFT_CHECK_FOR_APP_UPDATE: "false",
    // Only packages: with every file's hash the sample application's SBOM is 1.4 MB instead of 0.3.
    SYFT_FILE_METADATA_SELECTION: "none",
    SYFT_REGISTRY_INSECURE_USE_HTTP: String(isLocal(host)),
    // Not on the command line, which every process on the machine can read.
    ...(login && {
      SYFT_REGISTRY_AUTH_AUTHORITY: host,
      SYFT_REGISTRY_AUTH_USERNAME: login.username,
      SYFT_REGISTRY_AUTH_PASSWORD: login.password,
    }),
  };
  const args = ["scan", `registry:${image}`, "--platform", platform, "--output", "cyclonedx-json"];
  const { code, stdout, stderr } = await attemptProgram("syft", args, { env }).catch((error) => {
    throw error.code === "ENOENT" ? new Error(`syft is not on the PATH; ${installSyft}`) : error;
  });
  if (code !== 0) throw new Error(`syft could not list what is in the image: ${stderr.trim()}`);
  const { serialNumber: _, ...sbom } = JSON.parse(stdout);
  delete sbom.metadata.timestamp;
  return JSON.stringify(sbom);
}

/** How to install syft, for error messages. */
export const installSyft = "install it (https://github.com/anchore/syft#installation); in the sandbox: npm run syft";

/** Digest of the image that an SBOM describes; undefined if it is not an SBOM. */
export function describedImage(sbom: string): string | undefined {
  try {
    return JSON.parse(sbom).metadata?.component?.version;
  } catch {
    return undefined;
  }
}
