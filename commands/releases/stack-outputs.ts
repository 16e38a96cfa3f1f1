import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { record } from "../../components/release/verified.ts";

const outputs = z.object({
  image: z.string().optional(),
  running: z.object({ name: z.string().optional(), commit: z.string(), breakGlass: z.string().optional() }).optional(),
  verified: record.default({}),
});

/** What the last finished update of a stack says. */
export type StackOutputs = z.infer<typeof outputs>;

/** @returns undefined where there is no such stack in the backend that `pulumi` is logged in to */
export async function stackOutputs(stack: string, env = process.env): Promise<StackOutputs | undefined> {
  try {
    const { stdout } = await promisify(execFile)("pulumi", ["stack", "output", "--json", "--stack", stack], { env });
    return outputs.parse(JSON.parse(stdout));
  } catch (error) {
    if (/no stack named/.test((error as { stderr?: string }).stderr ?? "")) return undefined;
    throw error;
  }
}
