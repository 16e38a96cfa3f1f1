import assert from "node:assert/strict";
import { corefile } from "../../sandbox/configuration.ts";

describe("CoreDNS's configuration", () => {
  it("takes a path with spaces for one argument: a checkout may lie anywhere", () => {
    const line = (path: string) => /^ *kubeconfig (.*)$/m.exec(corefile("", path))?.[1];
    assert.equal(line("/srv/my checkout/admin"), '"/srv/my checkout/admin" slipway-sandbox');
    assert.equal(line('/srv/"my" checkout/admin'), '"/srv/\\"my\\" checkout/admin" slipway-sandbox');
  });

  it("asks another server only where this machine knows one", () => {
    assert.match(corefile("nameserver 192.0.2.1\n"), /^ {2}forward \. \/etc\/resolv\.conf$/m);
    assert.doesNotMatch(corefile("search example.org\n"), /forward/);
  });
});
