import assert from "node:assert/strict";
import { howToOpen } from "../../sandbox/ask.ts";

describe("How to open what the sandbox serves", () => {
  it("is said for hosts alone, in one line of /etc/hosts and one command", () => {
    assert.equal(howToOpen([]), "");
    assert.equal(howToOpen(["http://localhost:30080"]), "");
    const said = howToOpen(["http://localhost:30080", "https://a.example.com", "https://b.example.com"]);
    assert.match(said, /^ {2}10\.244\.0\.1 a\.example\.com b\.example\.com$/m);
    assert.match(
      said,
      /^ {2}curl --cacert \S+ingress-ca\.crt --resolve a\.example\.com:443:10\.244\.0\.1 https:\/\/a\.example\.com\/$/m,
    );
  });
});
