import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { corefile, dnsObjects, upstreamServers } from "../../sandbox/cluster-dns.ts";
import { cluster } from "../../sandbox/paths.ts";

describe("CoreDNS's configuration", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-resolver-"));
  after(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it("asks another server only if this machine knows one", () => {
    assert.match(corefile(["192.0.2.1", "2001:db8::1"]), /^ {2}forward \. 192\.0\.2\.1 2001:db8::1$/m);
    assert.doesNotMatch(corefile([]), /forward/);
  });

  it("names the machine's own servers, and none that a pod would look for on its own loopback", () => {
    const own = file("own", "search example.org\nnameserver 192.0.2.1\nnameserver 127.0.0.1\nnameserver 2001:db8::1\n");
    const stub = file("stub", "nameserver 127.0.0.53\nnameserver ::1\n");
    const resolved = file("resolved", "# nameserver 192.0.2.9\nnameserver 192.0.2.2\n");
    assert.deepEqual(upstreamServers([own, resolved]), ["192.0.2.1", "2001:db8::1"]);
    assert.deepEqual(upstreamServers([stub, resolved]), ["192.0.2.2"], "as systemd-resolved has it");
    assert.deepEqual(upstreamServers([stub, join(folder, "missing")]), []);
    assert.deepEqual(upstreamServers([file("none", "search example.org\n")]), []);
  });
});

describe("CoreDNS", () => {
  // biome-ignore lint/suspicious/noExplicitAny: objects of several kinds
  const find = (kind: string, image = "image", configuration = corefile([])): any =>
    dnsObjects(image, configuration).find((each) => each.kind === kind);

  it("is what the Service at the cluster's DNS address leads to", () => {
    const { metadata, spec } = find("Service");
    const { template } = find("Deployment").spec;
    assert.equal(metadata.namespace, "kube-system");
    assert.equal(spec.clusterIP, cluster.dnsAddress);
    assert.deepEqual(spec.selector, template.metadata.labels);
    const [container] = template.spec.containers;
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const described = (ports: any[]) => ports.map(({ protocol, targetPort, name }) => [targetPort ?? name, protocol]);
    assert.deepEqual(described(spec.ports), described(container.ports));
    assert.deepEqual(
      // biome-ignore lint/suspicious/noExplicitAny: as above
      spec.ports.map(({ port }: any) => port),
      [53, 53],
    );
  });

  it("listens on the port that its configuration names, without rights on the machine", () => {
    const [container] = find("Deployment").spec.template.spec.containers;
    for (const { containerPort } of container.ports) assert.match(corefile([]), new RegExp(`^\\.:${containerPort} `));
    assert.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
  });

  it("listens on the port that policies name: they see the pod's own, not the Service's", () => {
    const [container] = find("Deployment").spec.template.spec.containers;
    for (const { containerPort } of container.ports) assert.equal(containerPort, 53);
  });

  it("starts a new pod for a changed program or configuration, and for nothing else", () => {
    const pod = (...changed: string[]) => JSON.stringify(find("Deployment", ...changed).spec.template);
    assert.equal(pod("image"), pod("image"));
    assert.notEqual(pod("image"), pod("another"));
    assert.notEqual(pod("image", corefile([])), pod("image", corefile(["192.0.2.1"])));
  });

  it("may read what names stand for, and nothing else", () => {
    const { rules } = find("ClusterRole");
    assert.deepEqual(
      rules.flatMap(({ resources }: { resources: string[] }) => resources),
      ["namespaces", "services", "endpointslices"],
    );
    for (const { verbs } of rules) assert.deepEqual(verbs, ["list", "watch"]);
  });
});
