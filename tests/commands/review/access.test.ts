import assert from "node:assert/strict";
import { accessChanges, breakGlass } from "../../../commands/review/access.ts";
import { publicRanges } from "../../../settings/destinations.ts";
import { type StepOf, step, text } from "./steps.ts";

const access = (kind: string, of: StepOf) => accessChanges(step(kind, of)).map(text);
const policy = (spec: object) => ({ spec: { podSelector: { matchLabels: { app: "web" } }, ...spec } });
const open = { ingress: [{ ports: [{ port: 8000 }, { port: 9000 }] }] };
const moved = { ingress: [{ ports: [{ port: 8080 }, { port: 9090 }] }] };
const namespace = (name: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });
const range = (cidr: string) => ({ ipBlock: { cidr } });
const internet = publicRanges.map((ipBlock) => ({ ipBlock }));
const to = (peer: object, ...ports: number[]) => ({
  to: [peer],
  ports: ports.map((port) => ({ protocol: "TCP", port })),
});
const service = (type?: string) => ({ spec: { type } });
const ingress = (...hosts: (string | undefined)[]) => ({ spec: { rules: hosts.map((host) => ({ host })) } });
const routes = (host: string, ...paths: string[]) => ({
  spec: { rules: [{ host, http: { paths: paths.map((path) => ({ path })) } }] },
});
const pod = (spec: object) => ({ spec: { template: { spec: { containers: [{ name: "a", image: "a" }], ...spec } } } });
const schedule = (spec: object) => ({ spec: { jobTemplate: pod(spec) } });
const enforce = (level?: string) => ({ metadata: { labels: { "pod-security.kubernetes.io/enforce": level } } });
const nonRoot = (runAsNonRoot: boolean) => pod({ securityContext: { runAsNonRoot } });
const cluster = (version: string, cidr: string) => ({ version, vpcConfig: { publicAccessCidrs: [cidr] } });
const openIf = "if another policy applies, and are open to all if none does";

const sentences: [kind: string, of: StepOf, sentence: string][] = [
  [
    "NetworkPolicy",
    { before: { spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } } },
    "network policy it is deleted: all pods of the namespace may do what it forbade (Ingress, Egress)",
  ],
  [
    "NetworkPolicy",
    { before: policy(open) },
    `network policy it is deleted: pods with app=web lose the ingress it allowed (port 8000, 9000) ${openIf}`,
  ],
  [
    "NetworkPolicy",
    { before: policy({ policyTypes: ["Egress"], egress: [{}] }) },
    `network policy it is deleted: pods with app=web lose the egress it allowed (any port) ${openIf}`,
  ],
  [
    "NetworkPolicy",
    { op: "drift", before: { spec: { podSelector: {} } }, missing: true },
    "network policy it was deleted outside Pulumi: all pods of the namespace may do what it forbade (Ingress)",
  ],
  [
    "NetworkPolicy",
    { after: policy(open), missing: true },
    "network policy it was deleted outside Pulumi, and is created again",
  ],
  [
    "NetworkPolicy",
    { before: policy(open), after: policy(moved) },
    "network policy it changes: port 8000 → 8080 and 1 more field",
  ],
  [
    "NetworkPolicy",
    { after: policy({ egress: [to(namespace("mail"), 25), to(namespace("kube-system"), 53)] }) },
    "network policy it is new: pods with app=web may connect to mail:25",
  ],
  [
    "NetworkPolicy",
    { before: policy({ egress: [to(namespace("mail"), 25)] }), after: policy({ egress: [{ to: internet }] }) },
    "network policy it changes: pods with app=web may also connect to internet, and no longer to mail:25",
  ],
  [
    "NetworkPolicy",
    {
      before: policy({ egress: [to(namespace("mail"), 25)] }),
      after: policy({ egress: [to(namespace("mail"), 25, 587), to(range("2001:db8::/32"), 443)] }),
    },
    "network policy it changes: pods with app=web may also connect to mail:587, [2001:db8::/32]:443",
  ],
  [
    "NetworkPolicy",
    { before: policy({ egress: [{}, to(namespace("mail"))] }), after: policy({ egress: [to(namespace("mail"))] }) },
    "network policy it changes: pods with app=web may no longer connect to anywhere",
  ],
  [
    "NetworkPolicy",
    {
      op: "drift",
      before: policy({ egress: [] }),
      after: policy({ egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }], ports: [{}] }] }),
    },
    "network policy it was changed outside Pulumi: pods with app=web may also connect to 10.0.0.0/8 except 10.1.0.0/16:any",
  ],
  [
    "NetworkPolicy",
    {
      before: policy({ egress: [] }),
      after: policy({
        egress: [
          { to: [{ namespaceSelector: {} }], ports: [{ port: 8000, endPort: 8010 }] },
          to({ ...namespace("mail"), podSelector: { matchLabels: { a: "b" } } }),
          to({ podSelector: {} }),
        ],
      }),
    },
    'network policy it changes: pods with app=web may also connect to namespaces with {}:8000-8010, pods with {"matchLabels":{"a":"b"}} in mail',
  ],
  [
    "ClusterRole",
    { before: { rules: [] }, after: { rules: [{ verbs: ["*"] }] } },
    'ClusterRole it changes: rules[0] none → {"verbs":["*"]}',
  ],
  ["ClusterRoleBinding", { after: { subjects: [] } }, "ClusterRoleBinding it is new"],
  ["RoleBinding", { before: {} }, "RoleBinding it is deleted"],
  ["Role", { op: "replace", before: {}, after: {} }, "Role it is replaced"],
  ["Role", { op: "drift", before: {}, after: {} }, "Role it was changed outside Pulumi"],
  ["Role", { op: "drift", before: {}, missing: true }, "Role it is missing"],
  ["AccessEntry", { type: "aws:eks/accessEntry:AccessEntry", after: { a: 1 } }, "AccessEntry it is new"],
  [
    "Namespace",
    { before: enforce("restricted"), after: enforce("privileged") },
    "namespace it admits other pods: restricted → privileged",
  ],
  [
    "Service",
    { before: service(), after: service("LoadBalancer") },
    "Service it is reached from outside the cluster: ClusterIP → LoadBalancer",
  ],
  ["Service", { after: service("NodePort") }, "Service it is reached from outside the cluster: ClusterIP → NodePort"],
  ["Service", { before: service() }, "Service it is deleted: what it served can't be reached through it any more"],
  ["Ingress", { after: ingress("a.example") }, "Ingress it serves nothing → a.example"],
  [
    "Ingress",
    { before: ingress("a.example"), after: ingress("a.example", undefined) },
    "Ingress it serves a.example → a.example, any host",
  ],
  [
    "Ingress",
    { before: routes("a.example", "/"), after: routes("a.example", "/", "/api") },
    "Ingress it serves a.example → a.example, a.example/api",
  ],
  [
    "Deployment",
    { before: nonRoot(true), after: nonRoot(false) },
    "Deployment it: securityContext.runAsNonRoot true → false",
  ],
  [
    "CronJob",
    { before: schedule({}), after: schedule({ hostNetwork: true }) },
    "CronJob it: jobTemplate.spec.template.spec.hostNetwork none → true",
  ],
  ...["hostPID", "hostIPC", "automountServiceAccountToken", "serviceAccountName"].map(
    (field): [string, StepOf, string] => [
      "Deployment",
      { before: pod({ [field]: "a" }), after: pod({ [field]: "b" }) },
      `Deployment it: ${field} a → b`,
    ],
  ),
  ...["aws:iam/policy:Policy", "aws:ecr/repositoryPolicy:RepositoryPolicy"].map((type): [string, StepOf, string] => [
    "Policy",
    { type, before: { policy: "a" }, after: { policy: "b" } },
    "Policy it changes: policy a → b",
  ]),
  [
    "Key",
    { type: "aws:kms/key:Key", before: { policy: "a", deletes: 30 }, after: { policy: "b", deletes: 7 } },
    "Key it: policy a → b",
  ],
  [
    "Cluster",
    {
      type: "aws:eks/cluster:Cluster",
      before: cluster("1.33", "203.0.113.0/24"),
      after: cluster("1.34", "198.51.100.0/24"),
    },
    "Cluster it: vpcConfig.publicAccessCidrs[0] 203.0.113.0/24 → 198.51.100.0/24",
  ],
];

const harmless: [what: string, kind: string, of: StepOf][] = [
  ["a new network policy", "NetworkPolicy", { after: policy(open) }],
  [
    "a new network policy for DNS and the pods' own namespace",
    "NetworkPolicy",
    { after: policy({ egress: [to(namespace("kube-system"), 53), to({ podSelector: {} }, 5432)] }) },
  ],
  ["a new namespace", "Namespace", { after: { metadata: {} } }],
  ["a namespace that was deleted by hand", "Namespace", { after: enforce("privileged"), missing: true }],
  ["a new workload", "Deployment", { after: pod({ hostNetwork: true }) }],
  ["another label of a namespace", "Namespace", { before: {}, after: { metadata: { labels: { a: "b" } } } }],
  ["a service that is closed", "Service", { before: service("NodePort"), after: service() }],
  ["another class of an ingress", "Ingress", { before: ingress("a"), after: { ...ingress("a"), class: "b" } }],
  [
    "a newly generated name of a service account",
    "Deployment",
    { before: pod({ serviceAccountName: "web-0a1b2c3d" }), after: pod({ serviceAccountName: "web-4e5f6a7b" }) },
  ],
  ["another field of a pod", "Deployment", { before: pod({ a: 1 }), after: pod({ a: 2 }) }],
  [
    "a volume without access to the node",
    "Deployment",
    { before: pod({}), after: pod({ volumes: [{ name: "x", emptyDir: {} }] }) },
  ],
  ["a new cluster", "Cluster", { type: "aws:eks/cluster:Cluster", after: { accessConfig: {} } }],
  ["another type of AWS", "Thing", { type: "aws:ecs/thing:Thing", before: { a: 1 }, after: { a: 2 } }],
  ["an unchanged role", "Role", { op: "same", before: {}, after: {} }],
];

describe("Access changes", () => {
  for (const [kind, of, sentence] of sentences)
    it(`say "${sentence}"`, () => {
      assert.deepEqual(access(kind, of), [sentence]);
    });

  it("name changes of incoming connections beside those of outgoing ones", () => {
    const before = policy({ ...open, egress: [] });
    const after = policy({ ...moved, egress: [to(namespace("mail"))] });
    assert.deepEqual(access("NetworkPolicy", { before, after }), [
      "network policy it changes: pods with app=web may also connect to mail",
      "network policy it changes: port 8000 → 8080 and 1 more field",
    ]);
  });

  for (const [what, kind, of] of harmless)
    it(`do not include ${what}`, () => {
      assert.deepEqual(access(kind, of), []);
    });

  for (const [part, value] of [
    ["volumes", [{ name: "x", hostPath: { path: "/" } }]],
    ["initContainers", [{ name: "x", ports: [{ hostPort: 80 }] }]],
    ["initContainers", [{ name: "x", securityContext: { privileged: true } }]],
  ] as const)
    it(`include ${part} that are added with access to the node: ${JSON.stringify(value)}`, () => {
      const [sentence = "", ...more] = access("Deployment", { before: pod({}), after: pod({ [part]: value }) });
      assert.match(sentence, new RegExp(`^Deployment it: ${part} none → `));
      assert.deepEqual(more, []);
    });

  it("include the reason to run an unverified release, when it is new", () => {
    const of = (reason?: string) => ({ metadata: { annotations: { "slipway/break-glass": reason } } });
    const reasons = (before?: string, after?: string) =>
      breakGlass(step("Deployment", { before: of(before), after: of(after) })).map(text);
    assert.deepEqual(reasons(undefined, "the outage"), ["runs although it was never verified: the outage"]);
    assert.deepEqual(reasons("the outage", "the outage"), []);
    assert.deepEqual(reasons("the outage", undefined), []);
  });
});
