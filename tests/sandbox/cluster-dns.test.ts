import assert from "node:assert/strict";
import { corefile, dnsObjects, upstreamServers } from "../../sandbox/cluster-dns.ts";
import { cluster } from "../../sandbox/paths.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describe("CoreDNS's configuration", () => {
  const folder = new TemporaryFolder();

  it("forwards queries only if this machine has a DNS server", () => {
    assert.match(corefile(["192.0.2.1", "2001:db8::1"]), /^ {2}forward \. 192\.0\.2\.1 2001:db8::1$/m);
    assert.doesNotMatch(corefile([]), /forward/);
  });

  it("uses the machine's DNS servers without those on its loopback, which pods cannot reach", () => {
    const own = folder.write(
      "own",
      "search example.org\nnameserver 192.0.2.1\nnameserver 127.0.0.1\nnameserver 2001:db8::1\n",
    );
    const stub = folder.write("stub", "nameserver 127.0.0.53\nnameserver ::1\n");
    const resolved = folder.write("resolved", "# nameserver 192.0.2.9\nnameserver 192.0.2.2\n");
    assert.deepEqual(upstreamServers([own, resolved]), ["192.0.2.1", "2001:db8::1"]);
    assert.deepEqual(upstreamServers([stub, resolved]), ["192.0.2.2"], "as with systemd-resolved");
    assert.deepEqual(upstreamServers([stub, folder.path("missing")]), []);
    assert.deepEqual(upstreamServers([folder.write("none", "search example.org\n")]), []);
  });
});

describe("CoreDNS", () => {
  // biome-ignore lint/suspicious/noExplicitAny: objects of several kinds
  const find = (kind: string, image = "image", configuration = corefile([])): any =>
    dnsObjects(image, configuration).find((each) => each.kind === kind);
  const { template } = find("Deployment").spec;
  const [container] = template.spec.containers;

  it("receives the requests of the Service at the cluster's DNS address", () => {
    const { metadata, spec } = find("Service");
    assert.equal(metadata.namespace, "kube-system");
    assert.equal(spec.clusterIP, cluster.dnsAddress);
    assert.deepEqual(spec.selector, template.metadata.labels);
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const ports: any[] = spec.ports;
    assert.deepEqual(
      ports.map(({ port, protocol, targetPort }) => [port, protocol, targetPort]),
      container.ports.map(({ protocol, name }: Record<string, unknown>) => [53, protocol, name]),
    );
  });

  it("listens without capabilities on port 53, which network policies and its configuration name", () => {
    for (const { containerPort } of container.ports) assert.equal(containerPort, 53);
    assert.match(corefile([]), /^\.:53 /);
    assert.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
  });

  it("restarts only for a changed program or configuration", () => {
    const pod = (...changed: string[]) => JSON.stringify(find("Deployment", ...changed).spec.template);
    assert.equal(pod("image"), pod("image"));
    assert.notEqual(pod("image"), pod("another"));
    assert.notEqual(pod("image", corefile([])), pod("image", corefile(["192.0.2.1"])));
  });

  it("may read only namespaces, Services and endpoints", () => {
    const { rules } = find("ClusterRole");
    assert.deepEqual(
      rules.flatMap(({ resources }: { resources: string[] }) => resources),
      ["namespaces", "services", "endpointslices"],
    );
    for (const { verbs } of rules) assert.deepEqual(verbs, ["list", "watch"]);
  });
});
