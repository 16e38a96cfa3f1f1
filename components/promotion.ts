import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { newestFirst, qualified, verifiedIn } from "./verified.ts";

export interface PromotionArgs {
  /** Repository of the image, without a tag. */
  readonly repository: string;
  /** Name of the release, as in `v1.17`. */
  readonly name: string;
  /** The stack that has to have verified it: its name, or organization/project/name. */
  readonly promoteFrom: string;
  /** A sentence: why it may run here although that stack never verified it. Default: it may not. */
  readonly breakGlass?: string;
}

/** A release that may run here. */
export interface Promoted {
  readonly digest: string;
  /** Commit that it was built from, or `unknown`. */
  readonly commit: string;
}

/**
 * Finds the release that another stack has verified, and makes sure that its tag still points to the same image: all of
 * it before anything is changed.
 *
 * @throws pulumi.RunError where the release was never verified there, its tag has moved since, or there is no such tag
 */
export async function promote(args: PromotionArgs): Promise<Promoted> {
  const { repository, name, promoteFrom, breakGlass } = args;
  if (qualified(promoteFrom) === qualified(pulumi.getStack()))
    throw new pulumi.RunError(
      `slipway:release.promoteFrom is ${promoteFrom}, this stack itself; name the one before it.`,
    );
  await mustExist(promoteFrom);
  const verified = await verifiedIn(promoteFrom);
  const record = verified[name];
  if (!record && !breakGlass) throw new pulumi.RunError(neverVerified(args, newestFirst(verified)));
  const digest = await digestOf(`${repository}:${name}`);
  if (record && record.digest !== digest) throw new pulumi.RunError(moved(args, record.digest, digest));
  return record ?? { digest, commit: "unknown" };
}

/** A StackReference to a stack that does not exist fails in the engine, where nobody can say what to do about it. */
async function mustExist(stack: string): Promise<void> {
  try {
    await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name: qualified(stack) });
  } catch (error) {
    throw new pulumi.RunError(
      `slipway:release.promoteFrom is ${stack}, which can't be read; nothing was changed.\n` +
        `  ${(error as Error).message}\n` +
        "  See which stacks there are:  pulumi stack ls\n" +
        `  Then name one of them:       pulumi config set --stack ${pulumi.getStack()} --path slipway:release.promoteFrom STACK\n` +
        `  or create it and deploy:     pulumi stack init ${stack} && pulumi up --stack ${stack}\n`,
    );
  }
}

/** What a tag points to now, by the registry's word. */
async function digestOf(image: string): Promise<string> {
  const [host = ""] = image.split("/");
  // The plugin looks up credentials for the registries that are named here, as `docker login` left them.
  const address = /^(localhost|127\.0\.0\.1)(:|$)/.test(host) ? `http://${host}` : host;
  const provider = new docker.Provider("registry", { disableDockerDaemonCheck: true, registryAuth: [{ address }] });
  try {
    return (await docker.getRegistryImage({ name: image }, { provider })).sha256Digest;
  } catch (error) {
    throw new pulumi.RunError(
      `the registry does not show ${image}; nothing was changed.\n  ${(error as Error).message}\n`,
    );
  }
}

function neverVerified({ name, promoteFrom }: PromotionArgs, verified: string[]): string {
  const stack = pulumi.getStack();
  return (
    `slipway:release.name is ${name}, which was never verified in ${promoteFrom}; nothing was changed.\n` +
    `  Verified there:             ${verified.join(", ") || "nothing yet"}\n` +
    `  Deploy it there first:      pulumi up --stack ${promoteFrom}\n` +
    `  or name a verified release: pulumi config set --stack ${stack} --path slipway:release.name ${verified[0] ?? "vN.N"}\n` +
    `  or, in an emergency:        pulumi config set --stack ${stack} --path slipway:release.breakGlass 'WHY'\n`
  );
}

const moved = ({ repository, name, promoteFrom }: PromotionArgs, verified: string, now: string): string =>
  `${repository}:${name} is no longer the image that ${promoteFrom} verified; nothing was changed.\n` +
  `  verified: ${verified}\n` +
  `  now:      ${now}\n` +
  `  Somebody pushed another image under that name (or edited the record). Find out who; release the source under a new\n` +
  `  name, or tag the verified image again: docker buildx imagetools create --tag ${repository}:${name} ${repository}@${verified}\n`;
