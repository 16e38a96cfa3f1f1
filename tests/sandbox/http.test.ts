import assert from "node:assert/strict";
import { openingInstructions } from "../../sandbox/http.ts";

describe("How to open what the sandbox serves", () => {
  it("is said for hosts alone, in one line of /etc/hosts and one command", () => {
    assert.equal(openingInstructions([]), "");
    assert.equal(openingInstructions(["http://localhost:30080"]), "");
    const said = openingInstructions(["http://localhost:30080", "https://a.example.com", "https://b.example.com"]);
    assert.match(said, /^ {2}10\.244\.0\.1 a\.example\.com b\.example\.com$/m);
    assert.match(
      said,
      /^ {2}curl --cacert \S+ingress-ca\.crt --resolve a\.example\.com:443:10\.244\.0\.1 https:\/\/a\.example\.com\/$/m,
    );
  });
});
