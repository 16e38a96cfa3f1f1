import assert from "node:assert/strict";
import { AppsV1Api } from "@kubernetes/client-node";
import { connectionFrom } from "../../cluster/client.ts";
import { watchRollout } from "../../components/web/rollout.ts";
import { paths } from "../../sandbox/paths.ts";
import { kubectl } from "../../sandbox/probes.ts";

const namespace = "rollout-race";
const image = "localhost:5000/library/busybox:1";
const rounds = 100;

/** Deployment whose pods become ready, or never do. */
const deployment = (ready: boolean, version: number) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: { labels: { app: "web" }, annotations: { version: String(version) } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: "web",
            image,
            command: ["sleep", "3600"],
            readinessProbe: { exec: { command: [ready ? "true" : "false"] }, periodSeconds: 1 },
            resources: { requests: { cpu: "1m" } },
          },
        ],
      },
    },
  },
});

describe("A failed rollout, end to end", () => {
  const apply = async (object: object) => {
    const { code, stderr } = await kubectl(
      ["apply", "--server-side", "--force-conflicts", "-f", "-"],
      JSON.stringify(object),
    );
    assert.equal(code, 0, stderr);
  };
  before(() => apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }));
  after(() => kubectl(["delete", "namespace", namespace, "--wait=false"]));

  it(`never counts as complete, in ${rounds} good and bad updates right after each other`, async () => {
    const api = (await connectionFrom(paths.kubeconfig)).makeApiClient(AppsV1Api);
    const watch = (deadlineSeconds: number) =>
      watchRollout(() => api.readNamespacedDeployment({ namespace, name: "web" }), {
        image,
        deadlineSeconds,
        log: () => {},
      });
    const wrong: number[] = [];
    for (let version = 0; version < rounds; version++) {
      // Every tenth one is good; most bad ones follow a bad one.
      const ready = version % 10 === 0;
      await apply(deployment(ready, version));
      const failure = await watch(ready ? 60 : 1);
      if (ready ? failure !== undefined : failure === undefined) wrong.push(version);
    }
    assert.deepEqual(wrong, []);
  });
});
