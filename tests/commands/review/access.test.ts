import assert from "node:assert/strict";
import { accessChanges, breakGlass } from "../../../commands/review/access.ts";
import { type StepOf, step, text } from "./steps.ts";

const told = (kind: string, of: StepOf) => accessChanges(step(kind, of)).map(text);
const policy = (spec: object) => ({ spec: { podSelector: { matchLabels: { app: "web" } }, ...spec } });
const open = { ingress: [{ ports: [{ port: 8000 }, { port: 9000 }] }] };
const service = (type?: string) => ({ spec: { type } });
const ingress = (...hosts: (string | undefined)[]) => ({ spec: { rules: hosts.map((host) => ({ host })) } });
const pod = (spec: object) => ({ spec: { template: { spec: { containers: [{ name: "a", image: "a" }], ...spec } } } });
const enforce = (level?: string) => ({ metadata: { labels: { "pod-security.kubernetes.io/enforce": level } } });

const cases: [string, string, StepOf, string[]][] = [
  [
    "a policy that only forbids goes",
    "NetworkPolicy",
    { before: { spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } } },
    ["network policy it goes: all pods of the namespace may do what it forbade (Ingress, Egress)"],
  ],
  [
    "a policy that allows goes",
    "NetworkPolicy",
    { before: policy(open) },
    [
      "network policy it goes: pods with app=web lose the ingress it allowed (port 8000, 9000) where another policy holds, and are open to all where none does",
    ],
  ],
  [
    "a policy that allows any port goes",
    "NetworkPolicy",
    { before: policy({ policyTypes: ["Egress"], egress: [{}] }) },
    [
      "network policy it goes: pods with app=web lose the egress it allowed (any port) where another policy holds, and are open to all where none does",
    ],
  ],
  [
    "a policy was deleted by hand",
    "NetworkPolicy",
    { op: "drift", before: { spec: { podSelector: {} } }, missing: true },
    ["network policy it was deleted outside Pulumi: all pods of the namespace may do what it forbade (Ingress)"],
  ],
  [
    "a policy that was deleted by hand comes back",
    "NetworkPolicy",
    { after: policy(open), missing: true },
    ["network policy it was deleted outside Pulumi, and is made again"],
  ],
  [
    "a policy changes",
    "NetworkPolicy",
    { before: policy(open), after: policy({ ingress: [{ ports: [{ port: 8080 }, { port: 9090 }] }] }) },
    ["network policy it changes: port 8000 → 8080 and 1 more field"],
  ],
  ["a policy is new", "NetworkPolicy", { after: policy(open) }, []],
  [
    "a role changes",
    "ClusterRole",
    { before: { rules: [] }, after: { rules: [{ verbs: ["*"] }] } },
    ['ClusterRole it changes: rules[0] none → {"verbs":["*"]}'],
  ],
  ["a binding is new", "ClusterRoleBinding", { after: { subjects: [] } }, ["ClusterRoleBinding it is new"]],
  ["a namespace is new", "Namespace", { after: { metadata: {} } }, []],
  ["a workload is new", "Deployment", { after: pod({ hostNetwork: true }) }, []],
  [
    "somebody is let into the cluster",
    "AccessEntry",
    { type: "aws:eks/accessEntry:AccessEntry", after: { principalArn: "a" } },
    ["AccessEntry it is new"],
  ],
  ["a binding goes", "RoleBinding", { before: {} }, ["RoleBinding it goes"]],
  [
    "a namespace admits other pods",
    "Namespace",
    { before: enforce("restricted"), after: enforce("privileged") },
    ["namespace it admits other pods: restricted → privileged"],
  ],
  ["a namespace gets a label", "Namespace", { before: {}, after: { metadata: { labels: { a: "b" } } } }, []],
  [
    "a service is opened",
    "Service",
    { before: service(), after: service("LoadBalancer") },
    ["Service it is reached from outside the cluster: ClusterIP → LoadBalancer"],
  ],
  [
    "a service is new and open",
    "Service",
    { after: service("NodePort") },
    ["Service it is reached from outside the cluster: ClusterIP → NodePort"],
  ],
  ["a service is closed", "Service", { before: service("NodePort"), after: service() }, []],
  [
    "a service goes",
    "Service",
    { before: service() },
    ["Service it goes: what it served is no longer reached through it"],
  ],
  ["an ingress is new", "Ingress", { after: ingress("a.example") }, ["Ingress it serves nothing → a.example"]],
  [
    "an ingress serves another name",
    "Ingress",
    { before: ingress("a.example"), after: ingress("a.example", undefined) },
    ["Ingress it serves a.example → a.example, any host"],
  ],
  ["an ingress gets a class", "Ingress", { before: ingress("a"), after: { ...ingress("a"), class: "b" } }, []],
  [
    "a pod is less restricted",
    "Deployment",
    {
      before: pod({ securityContext: { runAsNonRoot: true } }),
      after: pod({ securityContext: { runAsNonRoot: false } }),
    },
    ["Deployment it: securityContext.runAsNonRoot true → false"],
  ],
  [
    "a pod gets the host's network",
    "CronJob",
    { before: { spec: { jobTemplate: pod({}) } }, after: { spec: { jobTemplate: pod({ hostNetwork: true }) } } },
    ["CronJob it: jobTemplate.spec.template.spec.hostNetwork none → true"],
  ],
  [
    "a pod's account gets another made-up name",
    "Deployment",
    { before: pod({ serviceAccountName: "web-0a1b2c3d" }), after: pod({ serviceAccountName: "web-4e5f6a7b" }) },
    [],
  ],
  ["a pod gets another image", "Deployment", { before: pod({ a: 1 }), after: pod({ a: 2 }) }, []],
  [
    "a rule of the cloud changes",
    "Policy",
    { type: "aws:iam/policy:Policy", before: { policy: "a" }, after: { policy: "b" } },
    ["Policy it changes: policy a → b"],
  ],
  [
    "another account may pull",
    "RepositoryPolicy",
    { type: "aws:ecr/repositoryPolicy:RepositoryPolicy", before: { policy: "a" }, after: { policy: "b" } },
    ["RepositoryPolicy it changes: policy a → b"],
  ],
  [
    "others may use a key",
    "Key",
    {
      type: "aws:kms/key:Key",
      before: { policy: "a", deletionWindowInDays: 30 },
      after: { policy: "b", deletionWindowInDays: 7 },
    },
    ["Key it: policy a → b"],
  ],
  [
    "a cluster is reached from elsewhere",
    "Cluster",
    {
      type: "aws:eks/cluster:Cluster",
      before: { version: "1.33", vpcConfig: { publicAccessCidrs: ["203.0.113.0/24"], subnetIds: ["a"] } },
      after: { version: "1.34", vpcConfig: { publicAccessCidrs: ["198.51.100.0/24"], subnetIds: ["b"] } },
    },
    ["Cluster it: vpcConfig.publicAccessCidrs[0] 203.0.113.0/24 → 198.51.100.0/24"],
  ],
  ["a cluster is new", "Cluster", { type: "aws:eks/cluster:Cluster", after: { accessConfig: {} } }, []],
  ["a cloud's other resource changes", "Thing", { type: "aws:ecs/thing:Thing", before: { a: 1 }, after: { a: 2 } }, []],
  ["nothing is done", "Role", { op: "same", before: {}, after: {} }, []],
];

describe("Access", () => {
  for (const field of ["hostPID", "hostIPC", "automountServiceAccountToken", "serviceAccountName"])
    it(`is told of where a pod has another ${field}`, () => {
      const of = { before: pod({ [field]: "a" }), after: pod({ [field]: "b" }) };
      assert.deepEqual(told("Deployment", of), [`Deployment it: ${field} a → b`]);
    });

  it("is told of where a volume, a port or a container comes that leads to the host", () => {
    for (const [part, value] of [
      ["volumes", [{ name: "x", hostPath: { path: "/" } }]],
      ["initContainers", [{ name: "x", ports: [{ hostPort: 80 }] }]],
      ["initContainers", [{ name: "x", securityContext: { privileged: true } }]],
    ] as const) {
      const [found = "", ...more] = told("Deployment", { before: pod({}), after: pod({ [part]: value }) });
      assert.match(found, new RegExp(`^Deployment it: ${part} none → `));
      assert.deepEqual(more, []);
    }
    assert.deepEqual(
      told("Deployment", { before: pod({}), after: pod({ volumes: [{ name: "x", emptyDir: {} }] }) }),
      [],
    );
  });

  it("is told of in whatever way it changes", () => {
    const [before, after] = [{ rules: [] }, { rules: [] }];
    const of = (more: StepOf) => told("Role", more);
    assert.deepEqual(of({ op: "replace", before, after }), ["Role it is replaced"]);
    assert.deepEqual(of({ op: "drift", before, after }), ["Role it was changed outside Pulumi"]);
    assert.deepEqual(of({ op: "drift", before, missing: true }), ["Role it is missing"]);
    assert.deepEqual(told("Namespace", { op: "create", after: enforce("privileged"), missing: true }), []);
  });

  for (const [what, kind, of, expected] of cases)
    it(`is told of as it is where ${what}`, () => {
      assert.deepEqual(told(kind, of), expected);
    });

  it("includes the reason for which a release runs that was never verified", () => {
    const of = (reason?: string) => ({ metadata: { annotations: { "slipway/break-glass": reason } } });
    const told = (before?: string, after?: string) =>
      breakGlass(step("Deployment", { before: of(before), after: of(after) })).map(text);
    assert.deepEqual(told(undefined, "the outage"), ["runs although it was never verified: the outage"]);
    assert.deepEqual(told("the outage", "the outage"), []);
    assert.deepEqual(told("the outage", undefined), []);
  });
});
