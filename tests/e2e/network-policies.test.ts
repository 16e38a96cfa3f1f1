import assert from "node:assert/strict";
import { attempt, run } from "../../sandbox/command.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { cluster, ports } from "../../sandbox/paths.ts";
import { OutsideMachine } from "./outside-machine.ts";
import { Project } from "./project.ts";

const nodePort = 30095;

/** Connections without `allowFrom`. Each refused target is reached from somewhere else, so something answers there. */
const open = [
  ["web", "its database", "reached"],
  ["migration", "its database", "reached"],
  ["backup", "its database", "reached"],
  ["pod without labels", "its database", "refused"],
  ["other namespace", "its database", "refused"],
  ["web", "DNS", "reached"],
  ["web", "outside", "refused"],
  ["database", "outside", "refused"],
  ["other namespace", "outside", "reached"],
  ["web", "another port outside", "refused"],
  ["other namespace", "another port outside", "reached"],
  ["web", "pod of the allowed namespace", "refused"],
  ["migration", "pod of the allowed namespace", "refused"],
  ["other namespace", "pod of the allowed namespace", "reached"],
  ["web", "pod of another namespace", "refused"],
  ["allowed namespace", "pod of another namespace", "reached"],
  ["web", "169.254.169.254", "refused"],
  ["other namespace", "169.254.169.254", "reached"],
  ["web", "API server", "refused"],
  ["other namespace", "API server", "reached"],
  ["other namespace", "web", "reached"],
  ["pod without labels", "web", "refused"],
  ["node", "node port", "reached"],
  ["outside", "node port", "reached"],
] as const;

/** Connections while `allowFrom` names one namespace. */
const restricted = [
  ["allowed namespace", "web", "reached"],
  ["allowed namespace", "its database", "refused"],
  ["other namespace", "web", "refused"],
  ["outside", "node port", "refused"],
  // Kubernetes lets a node reach its own pods despite the policies.
  ["node", "node port", "reached"],
  ["web", "its database", "reached"],
] as const;

/** Connections while `allowTo` names that namespace, and a range of addresses with a port. */
const allowedOut = [
  ["web", "pod of the allowed namespace", "reached"],
  ["migration", "pod of the allowed namespace", "reached"],
  ["web", "pod of another namespace", "refused"],
  ["web", "outside", "reached"],
  ["migration", "outside", "reached"],
  ["web", "another port outside", "refused"],
  ["web", "169.254.169.254", "refused"],
  ["web", "API server", "refused"],
  ["web", "its database", "reached"],
  ["backup", "outside", "refused"],
  ["database", "outside", "refused"],
  ["pod without labels", "outside", "refused"],
] as const;

/** Connections while `allowTo` names the internet: private addresses are no part of it. */
const internet = [
  ["web", "outside", "reached"],
  ["web", "another port outside", "reached"],
  ["migration", "outside", "reached"],
  ["web", "169.254.169.254", "refused"],
  ["web", "API server", "refused"],
  ["web", "pod of the allowed namespace", "refused"],
  ["web", "pod of another namespace", "refused"],
  ["database", "outside", "refused"],
  ["backup", "outside", "refused"],
  ["pod without labels", "outside", "refused"],
] as const;

type Row =
  | (typeof open)[number]
  | (typeof restricted)[number]
  | (typeof allowedOut)[number]
  | (typeof internet)[number];

/** Prints a result for each argument: HOST/PORT, or a name to look up. No answer counts as refused. */
const connect = `for target in "$@"; do
  case $target in
    */*) timeout 2 bash -c "exec 3<>/dev/tcp/$target" ;;
    *) getent hosts "$target" ;;
  esac >/dev/null 2>&1 && echo reached || echo refused
done`;

describe("The network of an environment", () => {
  const project = new Project("network");
  const outside = new OutsideMachine();
  const [other, allowed] = [`${project.namespace}-other`, `${project.namespace}-allowed`];
  /** First arguments of a command that runs there. */
  let within: Record<Row[0], string[]>;
  let addresses: Record<Row[1], string[]>;

  const kubectl = (...args: string[]) => attempt(["kubectl", ...args], { env: project.env });
  const removeNamespaces = () => kubectl("delete", "namespace", other, allowed, "--ignore-not-found");

  before(async () => {
    await outside.start();
    await removeNamespaces();
    project.set("web", { nodePort });
    project.set("database", { backups: { schedule: "0 3 * * *" } });
    await project.deploy();
    within = await startPods();
    addresses = await findAddresses();
  });

  after(async () => {
    await outside.remove();
    await removeNamespaces();
    await project.remove();
  });

  const find = (kind: string, component: string) =>
    project.objects(kind, `--selector=app.kubernetes.io/component=${component}`);

  const podAddress = async (namespace: string) => {
    const output = "--output=jsonpath={.items[0].status.podIP}";
    return (await kubectl("get", "pods", `--namespace=${namespace}`, output)).stdout.trim();
  };

  async function findAddresses(): Promise<Record<Row[1], string[]>> {
    const serviceAndPod = async (component: string, port: number) => {
      const [service] = await find("service", component);
      const [pod] = await find("pod", component);
      return [`${service.spec.clusterIP}/${service.spec.ports[0].port}`, `${pod.status.podIP}/${port}`];
    };
    return {
      "its database": await serviceAndPod("database", 5432),
      web: await serviceAndPod("web", 8000),
      DNS: [`kubernetes.default.svc.${cluster.dnsDomain}`, `${cluster.dnsAddress}/53`],
      "pod of the allowed namespace": [`${await podAddress(allowed)}/8080`],
      "pod of another namespace": [`${await podAddress(other)}/8080`],
      outside: [`${outside.address}/${outside.port}`],
      "another port outside": [`${outside.address}/${outside.otherPort}`],
      "169.254.169.254": [`${outside.metadata}/${outside.port}`],
      "API server": [`${cluster.apiServiceAddress}/443`, `${cluster.nodeAddress}/${ports.apiServer}`],
      "node port": [`${cluster.nodeAddress}/${nodePort}`],
    };
  }

  /** Starts pods that only answer, in place of those that do not run all the time, with the labels of the program. */
  async function startPods(): Promise<typeof within> {
    const [web] = await find("deployment", "web");
    const [backup] = await project.objects("cronjob");
    const jobs = (await project.objects("job")).map(({ spec }) => spec.template.metadata.labels);
    const { securityContext, containers } = web.spec.template.spec;
    const pod = (name: string, namespace = project.namespace, labels: Record<string, string> = {}) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace, labels: ownLabels(labels) },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        securityContext,
        containers: [
          {
            name,
            image: containers[0].image,
            // Something that other pods can connect to.
            command: ["python", "-m", "http.server", "8080"],
            securityContext: containers[0].securityContext,
          },
        ],
      },
    });
    const migration = jobs.find((labels) => labels["app.kubernetes.io/component"] === "migration");
    const pods = [
      pod("migration", project.namespace, migration),
      pod("backup", project.namespace, backup.spec.jobTemplate.spec.template.metadata.labels),
      pod("no-labels"),
      pod("other", other),
      pod("allowed", allowed),
    ];
    for (const namespace of [other, allowed]) await kubectl("create", "namespace", namespace);
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: pods });
    await run(["kubectl", "apply", "--filename=-"], { env: project.env, input });
    const ready = ["--for=condition=Ready", "--timeout=120s"];
    for (const { metadata } of pods)
      await project.kubectl("wait", `pod/${metadata.name}`, `--namespace=${metadata.namespace}`, ...ready);
    const inPod = (pod: string, namespace = project.namespace) =>
      `kubectl exec ${pod} --namespace=${namespace} --`.split(" ");
    return {
      web: inPod(`deployment/${web.metadata.name}`),
      database: inPod("database-0"),
      migration: inPod("migration"),
      backup: inPod("backup"),
      "pod without labels": inPod("no-labels"),
      "other namespace": inPod("other", other),
      "allowed namespace": inPod("allowed", allowed),
      node: [],
      outside: outside.within,
    };
  }

  async function assertResult([from, to, result]: Row): Promise<void> {
    const targets = addresses[to];
    const command = [...within[from], "bash", "-c", connect, "connect", ...targets];
    const expected: string[] = targets.map(() => result);
    // A new pod's address and a changed policy take effect after a moment.
    await eventually(async () => {
      const { stdout, stderr } = await attempt(command, { env: project.env });
      assert.deepEqual(stdout.trim().split("\n"), expected, `${targets}\n${stderr}`);
    }, 5);
  }

  const testAll = (rows: readonly Row[], condition: string) => {
    for (const [from, to, result] of rows)
      it(`${result === "reached" ? "lets" : "does not let"} ${from} reach ${to} ${condition}`, () =>
        assertResult([from, to, result] as Row));
  };

  testAll(open, "without allowFrom");

  it("is deployed with the namespace that `allowFrom` names", async () => {
    project.set("web", { allowFrom: [allowed] });
    await project.up();
  });

  testAll(restricted, "with allowFrom");

  it("is deployed with the destinations that `allowTo` names, without a restart", async () => {
    const pods = async () => (await find("pod", "web")).map(({ metadata }) => metadata.name).sort();
    const before = await pods();
    project.set("web", { allowFrom: undefined, allowTo: [allowed, `${outside.address}/32:${outside.port}`] });
    await project.up();
    assert.deepEqual(await pods(), before);
  });

  testAll(allowedOut, "with allowTo");

  it("is deployed with `allowTo: [internet]`", async () => {
    project.set("web", { allowTo: ["internet"] });
    await project.up();
  });

  testAll(internet, "with the internet allowed");
});

/** Labels without those by which a Job would adopt the pod. */
const ownLabels = (labels: Record<string, string>) =>
  Object.fromEntries(Object.entries(labels).filter(([label]) => !/(^|\/)(controller-uid|job-name)$/.test(label)));
