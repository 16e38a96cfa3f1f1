import { type CapturedResource, captureResources } from "../../../commands/environments/capture-resources.ts";
import { openAccount } from "../../../components/aws/account.ts";
import type { Account } from "../../../settings/account.ts";
import { UserError } from "../../../settings/user-error.ts";

/** The account of the tests. */
export const account: Account = {
  id: "111122223333",
  setting: "slipway:release.repository",
  region: "eu-north-1",
  owner: "team-shop",
};

type Answers = Parameters<typeof captureResources>[1] & object;

/** What Amazon answers where a test says nothing else. */
export const answers = {
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    accountId: account.id,
    arn: "arn:aws:iam::111122223333:role/deploy",
  }),
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({ password: "token-of-the-day" }),
};

/** As the engine hands on what a plugin has to say. */
export const refusal = (message: string) => (): never => {
  throw Object.assign(new Error(message), { details: message });
};

/** Runs a program in an account, without an engine, for a stack called staging, or as is said. */
export const inAmazon = <T>(
  program: (account: Awaited<ReturnType<typeof openAccount>>) => T | Promise<T>,
  changed: Answers["answers"] = {},
  stack = "staging",
): Promise<{ resources: CapturedResource[]; result: T }> =>
  captureResources(async () => program(await openAccount(account)), {
    stack,
    answers: { ...answers, ...changed },
  });

/** What a program is refused with. */
export async function refused(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error("it was not refused");
}
