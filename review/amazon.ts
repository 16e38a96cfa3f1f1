import { ecrAddress } from "../components/aws/ecr-address.ts";
import { digest } from "./record.ts";

/** What Amazon would answer, had it been set up as a stack's settings say: nothing is asked while one is rendered. */
// biome-ignore lint/suspicious/noExplicitAny: settings as they stand; the program checks them
export function amazonFor(config: Record<string, any>): Record<string, () => object> {
  const accountId = ecrAddress(config["slipway:release"]?.repository ?? "")?.account;
  return {
    "aws:index/getCallerIdentity:getCallerIdentity": () => ({
      accountId,
      arn: `arn:aws:iam::${accountId}:role/deploy`,
    }),
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({ userName: "AWS", password: "token-of-the-day" }),
    "aws:ecr/getImage:getImage": () => ({ imageDigest: digest }),
  };
}
