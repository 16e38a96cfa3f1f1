import * as pulumi from "@pulumi/pulumi";
import { UserError } from "../settings/user-error.ts";
import { lastCommit } from "./commit.ts";
import { type Content, type ContentArgs, readContent } from "./content-key.ts";

/** An image that is built here. */
export interface Source {
  /** What it is built from; `readContent` reads it. */
  readonly content: Content;
  /** Commit of that source. Default: unknown. */
  readonly commit?: string;
  /** Name of a buildx builder. Default: the selected one. */
  readonly builder?: string;
  /** Secrets that BuildKit mounts under `/run/secrets`; never part of the image. */
  readonly secrets?: Record<string, pulumi.Input<string>>;
}

/**
 * Reads what is to be built.
 *
 * @param source address under which it is kept, for people; shown on the image
 * @param stack whose settings say what is read, for the error. Default: the one that is running
 * @throws UserError where it is not complete, see `readContent`
 */
export async function readSource(
  build: ContentArgs & Pick<Source, "builder">,
  source?: string,
  secrets?: Source["secrets"],
  stack = pulumi.getStack(),
): Promise<Source> {
  const commit = lastCommit(build.context); // git has its time while the content is read
  const labels = source ? { "org.opencontainers.image.source": source } : undefined;
  const content = told(() => readContent({ ...build, labels }), stack);
  return { content, commit: await commit, builder: build.builder, secrets };
}

/** Tells what is wrong with the source, and which setting to look at; what is wrong with the program keeps its trace. */
export function told<T>(work: () => T, stack = pulumi.getStack()): T {
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
