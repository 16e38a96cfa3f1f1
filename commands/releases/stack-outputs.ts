import { z } from "zod";
import { verifiedSchema } from "../../components/release/verified.ts";
import { attemptProgram } from "../../settings/run-program.ts";
import { UserError } from "../../settings/user-error.ts";

const outputs = z.object({
  image: z.string().optional(),
  running: z.object({ name: z.string().optional(), commit: z.string(), breakGlass: z.string().optional() }).optional(),
  verified: verifiedSchema.default({}),
});

/** Outputs of a stack's last finished update. */
export type StackOutputs = z.infer<typeof outputs>;

/** Reads a stack's outputs. @returns undefined if the backend that `pulumi` is logged in to has no such stack */
export async function stackOutputs(stack: string, env = process.env): Promise<StackOutputs | undefined> {
  const args = ["stack", "output", "--json", "--stack", stack];
  const { code, stdout, stderr } = await attemptProgram("pulumi", args, { env });
  if (/no stack named/.test(stderr)) return undefined;
  if (code !== 0) throw new UserError(`pulumi ${args.join(" ")} failed:\n${stderr}`);
  return outputs.parse(JSON.parse(stdout));
}
