import {
  type CapturedResource,
  captureResources,
  type Surroundings,
} from "../../../commands/environments/capture-resources.ts";
import { type OpenAccount, openAccount } from "../../../components/aws/account.ts";
import type { Account } from "../../../settings/account.ts";
import { UserError } from "../../../settings/user-error.ts";

/** Account of the tests. */
export const account: Account = {
  id: "111122223333",
  setting: "slipway:release.repository",
  region: "eu-north-1",
  owner: "team-shop",
};

/** Answers of AWS by default. */
const answers = {
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    accountId: account.id,
    arn: "arn:aws:iam::111122223333:role/deploy",
  }),
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({ password: "token-of-the-day" }),
};

/** Answer of a plugin that fails. */
export const failure = (message: string) => (): never => {
  throw Object.assign(new Error(message), { details: message });
};

/** Runs a program in an account, without an engine. */
export const inAmazon = <T>(
  program: (account: OpenAccount) => T | Promise<T>,
  changedAnswers: Surroundings["answers"] = {},
  stack = "staging",
): Promise<{ resources: CapturedResource[]; result: T }> =>
  captureResources(async () => program(await openAccount(account)), {
    stack,
    answers: { ...answers, ...changedAnswers },
  });

/** Message of the UserError that a program throws. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error("it was not refused");
}
