import assert from "node:assert/strict";
import { only } from "../../deploy.ts";
import { account, failure, inAmazon, refusal } from "./amazon.ts";

const identity = "aws:index/getCallerIdentity:getCallerIdentity";

describe("AWS account", () => {
  it("is used with its own credentials only, in its own region, with tags on everything", async () => {
    const { inputs } = only((await inAmazon(() => {})).resources, "pulumi:providers:aws");
    const { skipCredentialsValidation: _, skipRegionValidation: __, ...set } = inputs;
    assert.deepEqual(set, {
      allowedAccountIds: JSON.stringify([account.id]),
      defaultTags: JSON.stringify({ tags: { Project: "slipway", Environment: "staging", Owner: "team-shop" } }),
      region: "eu-north-1",
    });
  });

  it("is refused with another account's credentials, before anything is created", async () => {
    const created: string[] = [];
    const other = () => ({ accountId: "999900001111", arn: "arn:aws:iam::999900001111:user/me" });
    const message = await refusal(inAmazon(() => created.push("something"), { [identity]: other }));
    assert.match(message, /^slipway:release\.repository names the AWS account 111122223333/);
    assert.match(message, /credentials are of account 999900001111 \(arn:aws:iam::999900001111:user\/me\)/);
    assert.match(message, /nothing was changed\.\n.*stack staging: aws sso login/);
    assert.deepEqual(created, []);
  });

  it("is refused without credentials, with the answer of AWS and how to log in", async () => {
    const message = await refusal(inAmazon(() => {}, { [identity]: failure("no EC2 IMDS role found\nand more") }));
    assert.match(message, /nothing was changed/);
    assert.match(message, /no EC2 IMDS role found\n {2}Log in to account 111122223333: aws sso login/);
    assert.match(message, /pulumi config set --stack staging aws:region REGION \(it is eu-north-1\)/);
    assert.doesNotMatch(message, /and more/);
  });
});
