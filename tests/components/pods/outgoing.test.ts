import assert from "node:assert/strict";
import { outgoing } from "../../../components/pods/outgoing.ts";
import { deploy, only } from "../../deploy.ts";

const labels = { "app.kubernetes.io/name": "web" };
const deployed = async (allowTo?: readonly string[]) =>
  (await deploy(() => outgoing("web", { namespace: "shop", allowTo }, labels, {}))).resources;
const rules = async (...allowTo: string[]) =>
  only(await deployed(allowTo), "kubernetes:networking.k8s.io/v1:NetworkPolicy").inputs.spec.egress;

const namespace = (name: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });
const range = (cidr: string) => ({ ipBlock: { cidr } });
const tcp = (port: number) => [{ protocol: "TCP", port }];

describe("A policy for outgoing connections", () => {
  it("selects the pods by their labels, and forbids nothing that others allow", async () => {
    const [policy, ...more] = await deployed(["mail"]);
    assert.deepEqual(more, []);
    assert.equal(policy?.name, "web-outgoing");
    assert.equal(policy?.inputs.metadata.namespace, "shop");
    assert.deepEqual(policy?.inputs.spec, {
      podSelector: { matchLabels: labels },
      policyTypes: ["Egress"],
      egress: [{ to: [namespace("mail")] }],
    });
  });

  it("does not exist without destinations", async () => {
    for (const none of [undefined, []]) assert.deepEqual(await deployed(none), []);
  });

  it("has a rule for each destination, with its port only", async () => {
    assert.deepEqual(await rules("mail:25", "10.0.0.0/8", "10.1.0.0/16:5432", "2001:db8::/32", "[2001:db8::/32]:443"), [
      { to: [namespace("mail")], ports: tcp(25) },
      { to: [range("10.0.0.0/8")] },
      { to: [range("10.1.0.0/16")], ports: tcp(5432) },
      { to: [range("2001:db8::/32")] },
      { to: [range("2001:db8::/32")], ports: tcp(443) },
    ]);
  });

  it("leaves private addresses and the credentials of clouds out of the internet", async () => {
    const except = ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];
    const to = [{ ipBlock: { cidr: "0.0.0.0/0", except } }, range("2000::/3")];
    assert.deepEqual(await rules("internet", "internet:443"), [{ to }, { to, ports: tcp(443) }]);
  });

  it("is refused with a destination that is none", async () => {
    await assert.rejects(deployed(["smtp.example.com:25"]), {
      __pulumiRunError: true,
      message: /^allowTo has smtp\.example\.com:25; allowed: the name of a namespace, a range/,
    });
  });
});
