import assert from "node:assert/strict";
import { openingInstructions } from "../../sandbox/http.ts";

describe("Instructions for opening a page of the sandbox", () => {
  it("are given only for hosts, as one line of /etc/hosts and one command", () => {
    assert.equal(openingInstructions([]), "");
    assert.equal(openingInstructions(["http://localhost:30080"]), "");
    const text = openingInstructions(["http://localhost:30080", "https://a.example.com", "https://b.example.com"]);
    assert.match(text, /^ {2}10\.244\.0\.1 a\.example\.com b\.example\.com$/m);
    assert.match(
      text,
      /^ {2}curl --cacert \S+ingress-ca\.crt --resolve a\.example\.com:443:10\.244\.0\.1 https:\/\/a\.example\.com\/$/m,
    );
  });
});
