import * as pulumi from "@pulumi/pulumi";
import { UserError } from "../../settings/user-error.ts";
import { nextAfter, type Verified } from "./verified.ts";

/**
 * Checks a release's name before anything is built. The content key is part of the image, so another key is another
 * image.
 *
 * @throws UserError if the name was released from other source
 */
export function refuseOtherSource(name: string, key: string, earlier: Verified): void {
  const before = earlier[name];
  if (before?.key === undefined || before.key === key) return;
  throw new UserError(
    `slipway:release.name is ${name}, but that was released from other source; nothing was changed.\n` +
      `  released: content key ${before.key}, commit ${before.commit}\n` +
      `  now:      content key ${key}\n${nameAnother(name)}`,
  );
}

/**
 * Checks a release's name after the build: equal source can still give another image.
 *
 * @throws UserError if the name was released as another image
 */
export function refuseOtherImage(name: string, digest: string, earlier: Verified, repository: string): void {
  const before = earlier[name]?.digest;
  if (before === undefined || before === digest) return;
  throw new UserError(
    `slipway:release.name is ${name}, but that was released as another image; the running version stays.\n` +
      `  released: ${repository}@${before}\n  now:      ${repository}@${digest}\n${nameAnother(name)}`,
  );
}

const nameAnother = (name: string): string =>
  `  Name a new release: pulumi config set --stack ${pulumi.getStack()} --path slipway:release.name ${nextAfter(name)}\n`;
