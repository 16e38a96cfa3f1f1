import assert from "node:assert/strict";
import type { Evidence } from "../../diagnosis/evidence.ts";
import { likelyCause } from "../../diagnosis/likely-cause.ts";
import { event, evidence, pod } from "./sample-evidence.ts";

const exited = (exitCode: number, reason = "Error") => ({ terminated: { exitCode, reason } });
const backingOff = { waiting: { reason: "CrashLoopBackOff" } };
const running = { running: { startedAt: new Date() } };

function says(facts: Partial<Evidence>, cause: RegExp, remedy: RegExp): void {
  const likely = likelyCause(evidence(facts));
  assert.match(likely.cause, cause);
  assert.match(likely.remedy, remedy);
}

describe("The likely cause of a failure", () => {
  it("is a crash loop, with the exit code and what it means", () => {
    const crashing = (code: number) => [pod({ state: backingOff, lastState: exited(code), restartCount: 4 })];
    says({ pods: crashing(3) }, /^crash loop: container "web" exits with code 3 soon.*\(4 restarts\)$/, /log/);
    says({ pods: crashing(139) }, /exits with code 139 \(SIGSEGV\)/, /log/);
    says({ pods: crashing(0) }, /exits with code 0/, /a server has to keep running/);
  });

  it("is a refusal by the API server, before anything that the pods show", () => {
    const pods = [pod({ state: backingOff, lastState: exited(3), restartCount: 4 })];
    const refused = (error: string, remedy: RegExp) =>
      says({ pods, errors: [error] }, /^Apply failed|^Deployment/, remedy);
    refused(
      'Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas',
      /somebody else manages/,
    );
    refused('Deployment.apps "web" is forbidden: exceeded quota: pods', /raise the quota/);
    refused('Deployment.apps "web" is forbidden: User "ci" cannot patch', /that right/);
    refused('Deployment.apps "web" is invalid: spec.template', /refused before any pod/);
    const waited = 'the Kubernetes API server reported that "web" failed to fully initialize or become live: pods';
    says({ pods, errors: [waited] }, /^crash loop/, /log/);
  });

  it("is memory that a process of a running container exceeded", () => {
    const living = pod({ ready: false, state: running });
    const kills = [{ pod: living.metadata?.name ?? "", container: "web", kills: 3 }];
    says(
      { pods: [living], memoryKills: kills },
      /^3 processes of container "web" were killed for memory while the container lived on: it went over its limit of 384Mi$/,
      /raise its memory/,
    );
  });

  it("is a Host header that the application does not allow, if a probe is answered with 400", () => {
    const unready = pod({ ready: false, state: running, started: true });
    const events = [event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 400")];
    says({ pods: [unready], events }, /never ready.*statuscode: 400/, /Host header.*ALLOWED_HOSTS/);
  });

  it("is memory that a container exceeded, with its limit", () => {
    const killed = pod({ state: backingOff, lastState: exited(137, "OOMKilled"), restartCount: 1 });
    says({ pods: [killed] }, /^container "web" was killed for memory: it went over its limit of 384Mi$/, /raise/);
  });

  it("is an image that can't be pulled, with a remedy that fits the registry's answer", () => {
    const unpulled = (message: string) => ({
      pods: [pod({ state: { waiting: { reason: "ImagePullBackOff", message } } })],
    });
    const image = /^its image can't be pulled: registry\.example\.com\/shop@sha256:abc$/;
    says(unpulled("manifest unknown"), image, /still has it/);
    says(unpulled("403 Forbidden"), image, /let the cluster's nodes read/);
    says(unpulled("dial tcp: connection refused"), image, /reachable from the cluster's nodes/);
    says(unpulled("?"), image, /events/);
  });

  it("is a lack of room on the nodes, with the requests", () => {
    const unscheduled = (message: string) => ({
      pods: [pod({}, { conditions: [{ type: "PodScheduled", status: "False", message }] })],
    });
    says(
      unscheduled(
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: …",
      ),
      /^no node can run it: 0\/1 nodes are available: 1 Insufficient cpu \(it asks for cpu 64, memory 384Mi\)$/,
      /ask for less/,
    );
    says(unscheduled("1 node(s) had untolerated taint"), /untolerated taint$/, /what the nodes lack/);
    says(unscheduled("pod has unbound immediate PersistentVolumeClaims"), /unbound/, /claim and its storage class/);
  });

  it("is a failing probe, also if its container is restarted for it", () => {
    const unready = pod({ state: running, started: true });
    const answers = event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404");
    says(
      { pods: [unready], events: [answers] },
      /never ready, its readiness probe \(GET \/ready on port http\).*404/,
      /path/,
    );
    says({ pods: [pod({ state: running, started: false })] }, /its startup probe \(GET \/live.*no answer/, /path/);

    const restarted = pod({ state: running, lastState: exited(143), restartCount: 1 });
    const killing = event("Killing", "Container web failed startup probe, will be restarted");
    says({ pods: [restarted], events: [killing] }, /^container "web" never answers its startup probe/, /listens/);
  });

  it("is a failed migration, with the number of its attempts", () => {
    const attempt = pod({ name: "migration", state: exited(1) });
    const job = { kind: "Job" as const, name: "web-migration-1", reason: "BackoffLimitExceeded" };
    says(
      { ...job, pods: [attempt, attempt, attempt] },
      /^migration failed: it exits with code 1 \(3 attempts\)$/,
      /log below says what failed; what would have followed it was not started/,
    );
    const late = { ...job, reason: "DeadlineExceeded" };
    says(
      { ...late, pods: [attempt, attempt] },
      /^migration failed: it exits with code 1 \(2 attempts\)$/,
      /what failed/,
    );
    for (const stopped of [
      pod({ name: "migration", state: exited(143) }),
      pod({ name: "migration", state: exited(1) }, { reason: "DeadlineExceeded" }),
    ])
      says({ ...late, pods: [stopped] }, /^migration exceeded its deadline$/, /more time/);
    says({ ...job, reason: "DeadlineExceeded" }, /exceeded its deadline, and its pods are gone/, /more time/);
  });

  it("is a refusal by the namespace, if there are no pods", () => {
    const refused = (why: string) => ({ events: [event("FailedCreate", `Error creating: pods "web-1-x" is ${why}`)] });
    says(
      refused('forbidden: violates PodSecurity "restricted:latest"'),
      /not? pod was admitted.*PodSecurity/,
      /admits/,
    );
    says(refused("forbidden: exceeded quota: small"), /quota is used up.*small/, /raise the quota/);
  });

  it("is a missing command, Secret or volume", () => {
    const misconfigured = { waiting: { reason: "CreateContainerConfigError", message: 'secret "x" not found' } };
    says({ pods: [pod({ state: misconfigured })] }, /can't be created: secret "x" not found/, /Secret or ConfigMap/);
    const unstarted = { terminated: { exitCode: 128, reason: "StartError", message: 'exec: "nope": not found' } };
    says({ pods: [pod({ state: backingOff, lastState: unstarted })] }, /can't be started: exec: "nope"/, /command/);
    const unmounted = event("FailedMount", 'configmap "x" not found');
    says(
      { pods: [pod({ state: { waiting: { reason: "ContainerCreating" } } })], events: [unmounted] },
      /mounted/,
      /claim/,
    );
  });

  it("is unknown if nothing is found, with the provider's message", () => {
    const pods = [pod({ ready: true, state: running })];
    says({ pods }, /^it exceeded its deadline; no specific cause was found$/, /later deadline/);
    const errors = ["1 error occurred:\n\t* Timeout occurred polling for 'web'"];
    says(
      { pods, errors },
      /no specific cause was found\. The provider says: .*Timeout occurred polling for 'web'$/,
      /later/,
    );
    says({}, /^no pod was created$/, /kubectl describe/);
  });
});
