import * as pulumi from "@pulumi/pulumi";
import { qualifiedStackName } from "../components/release/stack-name.ts";
import { type Verified, verifiedSchema } from "../components/release/verified.ts";
import { UserError } from "../settings/user-error.ts";

/**
 * Reads the outputs of a stack's last update. A StackReference would be one more resource, shown in every preview.
 *
 * @param stack its name, or organization/project/name
 * @throws Error of the engine if there is no such stack
 */
export async function stackOutputs(stack: string): Promise<Readonly<Record<string, unknown>>> {
  const { outputs } = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {
    name: qualifiedStackName(stack),
  });
  return outputs ?? {};
}

/**
 * Parses the releases that a stack has verified.
 *
 * @param stack its name, for the error
 * @param output its output `verified`; undefined if it has verified nothing yet
 * @throws UserError if somebody edited it
 */
export function parseVerified(stack: string, output: unknown): Verified {
  const { data, error } = verifiedSchema.safeParse(output ?? {});
  if (data) return data;
  const problems = error.issues.map(({ path, message }) => `  ${["verified", ...path].join(".")}: ${message}`);
  throw new UserError(
    `the record of verified releases in stack ${stack} is not as an update writes it: it was edited by hand. Nothing was changed.\n` +
      `${problems.join("\n")}\n` +
      `  See it:     pulumi stack output verified --stack ${stack}\n` +
      `  Correct it: pulumi stack export --stack ${stack} --file state.json, then in that file, then\n` +
      `              pulumi stack import --stack ${stack} --file state.json\n`,
  );
}
