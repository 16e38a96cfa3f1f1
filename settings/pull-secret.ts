import { group, text, trimmed } from "./building-blocks.ts";
import { registryAddress } from "./names.ts";

/** Login with which nodes pull the image of the release. */
export const pullSecret = group({
  registry: registryAddress("registry.example.com")
    .optional()
    .describe("Registry to log in to. Default: that of slipway:release.repository."),
  username: text("a user, as in robot", trimmed, "robot").describe("User of the registry, who needs to read only."),
  password: text("a secret", trimmed).describe("Password or token of that user, stored encrypted."),
}).describe(
  "Login with which the cluster's nodes pull the image from a private registry. Default: none, for a registry that is public, or that nodes can read as they can Amazon ECR.",
);
