import { group, text, trimmed } from "./building-blocks.ts";

/** Login with which nodes pull the image of the release. */
export const pullSecret = group({
  registry: text(
    "HOST or HOST:PORT of a registry, as in registry.example.com",
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?$/,
    "registry.example.com",
  )
    .optional()
    .describe("Registry to log in to. Default: that of slipway:release.repository."),
  username: text("a user, as in robot", trimmed, "robot").describe("User of the registry, who needs to read only."),
  password: text("a secret", trimmed).describe("Password or token of that user, stored encrypted."),
}).describe(
  "Login with which the cluster's nodes pull the image from a private registry. Default: none, for a registry that is public, or that nodes can read as they can Amazon ECR.",
);
