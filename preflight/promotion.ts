import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { qualifiedStackName } from "../components/release/stack-name.ts";
import { newestFirst } from "../components/release/verified.ts";
import type { Promoted } from "../components/release.ts";
import { parseReference } from "../image/reference.ts";
import { isLocal } from "../registry/repository.ts";
import { UserError } from "../settings/user-error.ts";
import { parseVerified, stackOutputs } from "./last-update.ts";

export interface PromotionArgs {
  /** Repository of the image, without a tag. */
  readonly repository: string;
  /** Name of the release, as in `v1.17`. */
  readonly name: string;
  /** Stack that must have verified it: its name, or organization/project/name. */
  readonly promoteFrom: string;
  /** Reason to run it although that stack never verified it. @default only verified releases run */
  readonly breakGlass?: string;
  /** Looks up the digest of a tag of the repository. @default asks the registry, with the credentials of `docker login` */
  readonly lookUp?: (tag: string) => Promise<string>;
}

/**
 * Finds a release that another stack has verified, and checks that its tag still points to the same image.
 *
 * @throws UserError if the release was never verified there, its tag has moved since, or there is no such tag
 */
export async function promote(args: PromotionArgs): Promise<Promoted> {
  const { name, promoteFrom, breakGlass } = args;
  if (qualifiedStackName(promoteFrom) === qualifiedStackName(pulumi.getStack())) throw new UserError(itself(args));
  await assertExists(promoteFrom);
  const { value } = await new pulumi.StackReference(qualifiedStackName(promoteFrom)).getOutputDetails("verified");
  const verified = parseVerified(promoteFrom, value);
  const release = verified[name];
  if (!release && !breakGlass) throw new UserError(neverVerified(args, newestFirst(verified)));
  const digest = await digestOf(args, release?.digest);
  if (release && release.digest !== digest) throw new UserError(moved(args, release.digest, digest));
  const { commit = "unknown", migrations } = release ?? {};
  return { digest, commit, ...(migrations && { migrations }) };
}

/** Checks that a stack exists. A StackReference to a missing one fails in the engine, without a word on what to do. */
async function assertExists(stack: string): Promise<void> {
  try {
    await stackOutputs(stack);
  } catch (error) {
    throw new UserError(unreadable(stack, error as Error));
  }
}

/** Looks up the digest of the release's tag. @param verified digest that the other stack verified, for the error */
async function digestOf(args: PromotionArgs, verified: string | undefined): Promise<string> {
  const { host } = parseReference(args.repository);
  const { lookUp = () => registryDigest(imageOf(args), host) } = args;
  try {
    return await lookUp(args.name);
  } catch (error) {
    throw new UserError(notInRegistry(args, host, verified, error as Error));
  }
}

async function registryDigest(image: string, host: string): Promise<string> {
  // The plugin finds the credentials of `docker login` for the registries in registryAuth.
  const address = isLocal(host) ? `http://${host}` : host;
  const provider = new docker.Provider("registry", { disableDockerDaemonCheck: true, registryAuth: [{ address }] });
  return (await docker.getRegistryImage({ name: image }, { provider })).sha256Digest;
}

const imageOf = ({ repository, name }: PromotionArgs): string => `${repository}:${name}`;

const set = (key: string, value: string): string =>
  `pulumi config set --stack ${pulumi.getStack()} --path slipway:release.${key} ${value}`;

const tagAgain = (args: PromotionArgs, verified: string): string =>
  `docker buildx imagetools create --tag ${imageOf(args)} ${args.repository}@${verified}`;

const itself = ({ promoteFrom }: PromotionArgs): string =>
  `slipway:release.promoteFrom is ${promoteFrom}, which is this stack itself; nothing was changed.\n` +
  `  Name the stack before it: ${set("promoteFrom", "STACK")}\n`;

const unreadable = (stack: string, { message }: Error): string =>
  `slipway:release.promoteFrom is ${stack}, which can't be read; nothing was changed.\n` +
  `  Pulumi says:                ${firstLine(message)}\n` +
  "  See which stacks there are: pulumi stack ls\n" +
  `  Then name one of them:      ${set("promoteFrom", "STACK")}\n` +
  `  or create and deploy it:    pulumi stack init ${stack} && pulumi up --stack ${stack}\n`;

function neverVerified({ name, promoteFrom }: PromotionArgs, verified: string[]): string {
  const newest = verified[0];
  return (
    `slipway:release.name is ${name}, which was never verified in ${promoteFrom}; nothing was changed.\n` +
    `  Verified there:             ${verified.join(", ") || "nothing yet"}\n` +
    `  Deploy it there first:      pulumi up --stack ${promoteFrom}\n` +
    (newest ? `  or name a verified release: ${set("name", newest)}\n` : "") +
    `  or, in an emergency:        ${set("breakGlass", "'WHY, IN A SENTENCE'")}\n`
  );
}

const notInRegistry = (args: PromotionArgs, host: string, verified: string | undefined, { message }: Error): string =>
  `the registry does not show ${imageOf(args)}; nothing was changed.\n` +
  `  It says:                          ${firstLine(message)}\n` +
  (verified ? `  ${args.promoteFrom} verified it as ${verified}.\n` : "") +
  `  If it does not answer or refuses: start it, or docker login ${host}\n` +
  (verified
    ? `  If the tag was deleted:           ${tagAgain(args, verified)}\n`
    : `  If it was never pushed:           release it where it is built; breakGlass needs an image too\n`);

const moved = (args: PromotionArgs, verified: string, now: string): string =>
  `${imageOf(args)} is no longer the image that ${args.promoteFrom} verified; nothing was changed.\n` +
  `  verified: ${verified}\n` +
  `  now:      ${now}\n` +
  "  Somebody pushed another image under that name, or edited the output verified: find out who. Then\n" +
  "  release the source under a new name (the safe way),\n" +
  `  or tag the verified image again: ${tagAgain(args, verified)}\n`;

/** An error of the engine says the same on several lines; the first is for people. */
const firstLine = (message: string): string => message.trim().split("\n")[0] ?? "";
