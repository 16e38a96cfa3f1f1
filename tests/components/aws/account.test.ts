import assert from "node:assert/strict";
import { only } from "../../deploy.ts";
import { account, inAmazon, refusal, refused } from "./amazon.ts";

const identity = "aws:index/getCallerIdentity:getCallerIdentity";

describe("An account in AWS", () => {
  it("is worked in only with its own credentials, in its own region, with tags on everything", async () => {
    const { resources } = await inAmazon(() => {});
    const {
      skipCredentialsValidation: _,
      skipRegionValidation: __,
      ...set
    } = only(resources, "pulumi:providers:aws").inputs;
    assert.deepEqual(set, {
      allowedAccountIds: JSON.stringify([account.id]),
      defaultTags: JSON.stringify({ tags: { Project: "slipway", Environment: "staging", Owner: "team-shop" } }),
      region: "eu-north-1",
    });
  });

  it("is refused with the credentials of another, before anything is made", async () => {
    const made: string[] = [];
    const other = () => ({ accountId: "999900001111", arn: "arn:aws:iam::999900001111:user/me" });
    const message = await refused(inAmazon(() => made.push("something"), { [identity]: other }));
    assert.match(message, /^slipway:release\.repository names the AWS account 111122223333/);
    assert.match(message, /credentials are of account 999900001111 \(arn:aws:iam::999900001111:user\/me\)/);
    assert.match(message, /nothing was changed\.\n.*stack staging: aws sso login/);
    assert.deepEqual(made, []);
  });

  it("is refused without credentials, with what AWS says and how to log in", async () => {
    const none = refusal("no EC2 IMDS role found\nand more");
    const message = await refused(inAmazon(() => {}, { [identity]: none }));
    assert.match(message, /nothing was changed/);
    assert.match(message, /no EC2 IMDS role found\n {2}Log in to account 111122223333: aws sso login/);
    assert.match(message, /pulumi config set --stack staging aws:region REGION \(it is eu-north-1\)/);
    assert.doesNotMatch(message, /and more/);
  });
});
