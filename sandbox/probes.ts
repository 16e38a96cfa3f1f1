import { Resolver } from "node:dns/promises";
import { connect } from "node:net";
import { attempt, type RunResult } from "./command.ts";
import { cluster, paths, ports } from "./paths.ts";
import { type ProcessIdentity, wallClockOf } from "./process-identity.ts";

const withinSeconds = 5;

/** Resolves if a process accepts connections on this port of the loopback. @throws Error if none does */
export function listens(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: withinSeconds * 1000 });
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("timeout", () => socket.destroy(new Error(`port ${port} does not answer`)));
    socket.once("error", reject);
  });
}

/** Resolves if a URL answers with success. @throws Error if it does not */
export async function answers(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(withinSeconds * 1000) }).catch(() => undefined);
  if (!response) throw new Error(`${url} does not answer`);
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
}

/** Resolves if the API server is ready. @throws Error if it is not */
export async function apiAnswers(): Promise<void> {
  expectSuccess(await kubectl(["get", "--raw", "/readyz"]));
}

/** Resolves if the node is Ready, as reported by this kubelet and not by an earlier one. @throws Error if it is not */
export async function nodeIsReady(kubelet: ProcessIdentity): Promise<void> {
  const readiness = '{.status.conditions[?(@.type=="Ready")].status}';
  const ready = expectSuccess(await kubectl(["get", "node", cluster.nodeName, "-o", `jsonpath=${readiness}`]));
  if (ready !== "True") throw new Error("the node is not Ready");
  // After a stop the API server still has the last report of the previous kubelet.
  const lease = ["get", "lease", cluster.nodeName, "-n", "kube-node-lease", "-o", "jsonpath={.spec.renewTime}"];
  const renewed = Date.parse(expectSuccess(await kubectl(lease)));
  if (!(renewed >= wallClockOf(kubelet))) throw new Error("the kubelet has not reported yet");
}

/**
 * Resolves if containerd serves Kubernetes, which is a moment after it accepts other requests. A kubelet that starts in between
 * would end.
 *
 * @throws Error if it does not
 */
export async function containerdAnswers(socket: string = paths.containerdSocket): Promise<void> {
  const { Client, credentials } = await import("@grpc/grpc-js");
  const client = new Client(`unix://${socket}`, credentials.createInsecure());
  const asIs = (bytes: Buffer) => bytes;
  const deadline = Date.now() + withinSeconds * 1000;
  try {
    await new Promise<void>((resolve, reject) =>
      // An empty message is a valid request.
      client.makeUnaryRequest(
        "/runtime.v1.RuntimeService/Version",
        asIs,
        asIs,
        Buffer.alloc(0),
        { deadline },
        (error) => (error ? reject(error) : resolve()),
      ),
    );
  } finally {
    client.close();
  }
}

/** Resolves if the cluster's DNS answers at its Service's address. @throws Error if it does not */
export async function dnsAnswers(): Promise<void> {
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  resolver.setServers([cluster.dnsAddress]);
  const [address] = await resolver.resolve4(`kubernetes.default.svc.${cluster.dnsDomain}`).catch((error) => {
    throw new Error(`the cluster's DNS at ${cluster.dnsAddress} does not answer (${error.code})`);
  });
  if (address !== cluster.apiServiceAddress)
    throw new Error(`the cluster's DNS at ${cluster.dnsAddress} says ${address} for the API server`);
}

/** Resolves if BuildKit has a worker. @throws Error if it has none */
export async function buildkitAnswers(): Promise<void> {
  const address = `unix://${paths.buildkitSocket}`;
  expectSuccess(await attempt(["buildctl", "--addr", address, "debug", "workers"], { within: withinSeconds }));
}

/**
 * Resolves if kube-router has written the rules of all policies since its start.
 *
 * @throws Error if it has not, or if its rules were removed
 */
export async function policiesAreEnforced(): Promise<void> {
  const metrics = await fetch(`http://127.0.0.1:${ports.policyMetrics}/metrics`, {
    signal: AbortSignal.timeout(withinSeconds * 1000),
  })
    .then((response) => response.text())
    .catch(() => "");
  if (!/^kube_router_controller_iptables_sync_time_count [1-9]/m.test(metrics))
    throw new Error("it has not written the rules of the network policies yet");
  const forwarded = await attempt(["iptables", "-w", "5", "-S", "KUBE-ROUTER-FORWARD"]);
  // The last rule of the chain, written together with those of the pods.
  if (!forwarded.stdout.includes("--mark 0x20000/0x20000")) throw new Error("its packet rules are missing");
}

/** Runs kubectl as the sandbox's administrator. */
export function kubectl(args: readonly string[], input?: string): Promise<RunResult> {
  const target = ["--kubeconfig", paths.kubeconfig, "--context", cluster.context];
  const env = { KUBECACHEDIR: paths.kubectlCache };
  return attempt(["kubectl", ...target, ...args], { env, input, within: 60 });
}

function expectSuccess(result: RunResult): string {
  if (result.code !== 0) throw new Error(result.stderr.trim().split("\n").at(-1) || `exit code ${result.code}`);
  return result.stdout;
}
