import assert from "node:assert/strict";
import {
  containsSecret,
  containsUnknown,
  fromStruct,
  plain,
  secret,
  toStruct,
} from "../../../sandbox/plugins/properties.ts";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("Properties", () => {
  it("come back from a message as they went in, with their marks", () => {
    const properties = { text: "a", list: [1, true, { deep: secret("hush") }], empty: {}, later: unknown };
    assert.deepEqual(fromStruct(toStruct(properties)), properties);
  });

  it("leave out members that are undefined", () => {
    assert.deepEqual(fromStruct(toStruct({ here: 1, gone: undefined })), { here: 1 });
  });

  it("lose marks and nulls on the way to a server", () => {
    const properties = { data: secret({ password: secret("hush"), none: null }), list: [secret("a")], none: null };
    assert.deepEqual(plain(properties), { data: { password: "hush" }, list: ["a"] });
  });

  it("are searched in depth for secrets and for what is unknown", () => {
    assert.equal(containsSecret({ a: [{ b: secret("x") }] }), true);
    assert.equal(containsSecret({ a: [{ b: "x" }] }), false);
    assert.equal(containsUnknown({ a: [secret(unknown)] }), true);
    assert.equal(containsUnknown({ a: [`prefix-${unknown}`] }), false);
  });

  it("are not marked twice", () => {
    assert.deepEqual(secret(secret("x")), secret("x"));
  });
});
