import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { UserError } from "../settings/user-error.ts";
import { lastCommit } from "./commit.ts";
import { type Content, type ContentArgs, readContent } from "./content-key.ts";

/** Source of an image that this stack builds. */
export interface Source {
  readonly content: Content;
  /** Commit of the source. @default unknown */
  readonly commit?: string;
  /** Name of a buildx builder. @default the selected one */
  readonly builder?: string;
  /** Secrets that BuildKit mounts under `/run/secrets`; never part of the image. @default none */
  readonly secrets?: Record<string, pulumi.Input<string>>;
}

/**
 * Reads the source of an image.
 *
 * @param source address of its repository, for people; becomes a label of the image
 * @param stack named in the error's commands. Default: the one that is running
 * @throws UserError if the source is not complete, see {@link readContent}
 */
export async function readSource(
  build: ContentArgs & Pick<Source, "builder">,
  source?: string,
  secrets?: Source["secrets"],
  stack = pulumi.getStack(),
): Promise<Source> {
  const commit = lastCommit(build.context); // git runs while the content is read
  const labels = source ? { "org.opencontainers.image.source": source } : undefined;
  const content = asUserError(() => readContent({ ...build, labels }), stack);
  return { content, commit: await commit, builder: build.builder, secrets };
}

/** Notice about git's own data that a build does not get although nobody said so; undefined if there is none. */
export function noticeOfLeftOut({ context, leftOut: [path, ...more] }: Content): string | undefined {
  if (path === undefined) return undefined;
  const others = more.length === 0 ? "is" : `and ${more.length} more are`;
  return (
    `${join(context, path)} ${others} not sent to the build: git's own data differs in each clone of the same source. ` +
    `A line of .dockerignore sends it, !${path}, or confirms this and ends the notice, **/.git`
  );
}

/** Adds the stack and the commands for the settings to correct. @throws UserError if `work` does */
export function asUserError<T>(work: () => T, stack = pulumi.getStack()): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const commands = Object.entries(error.settings).map(
      ([setting, example]) =>
        `    pulumi config set --stack ${stack} --path 'slipway:release.build.${setting}' ${example}\n`,
    );
    throw new UserError(
      `the source of stack ${stack} can't be built; nothing was changed.\n  ${error.message}\n${commands.join("")}`,
    );
  }
}
