import assert from "node:assert/strict";
import { ecrAddress } from "../../settings/ecr-address.ts";

describe("Address of a repository in ECR", () => {
  it("contains account, region and name", () => {
    const address = { account: "111122223333", region: "eu-north-1", name: "team/shop" };
    assert.deepEqual(ecrAddress("111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/shop"), address);
  });

  it("is undefined for any other registry", () => {
    for (const other of [
      "localhost:5000/shop",
      "registry.example.com/team/shop",
      "11112222333.dkr.ecr.eu-north-1.amazonaws.com/shop",
      "111122223333.dkr.ecr.cn-north-1.amazonaws.com/shop",
      "111122223333.dkr.ecr.eu-north-1.amazonaws.com.evil.example/shop",
      "x.111122223333.dkr.ecr.eu-north-1.amazonaws.com/shop",
    ])
      assert.equal(ecrAddress(other), undefined, other);
  });
});
