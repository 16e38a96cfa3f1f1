import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { places, searchPath } from "../../../sandbox/places.ts";

/** A control plane without nodes: objects are validated, defaulted and collected, and no pod ever runs. */
export type ApiServer = {
  kubeconfig: string;
  /** Runs kubectl with an administrator's rights. @returns what it prints */
  kubectl(...args: string[]): string;
  stop(): Promise<void>;
};

/**
 * Starts etcd, kube-apiserver and kube-controller-manager on free ports, with everything in a temporary folder.
 * @throws when one of them does not start within a minute; the end of its log is in the message
 */
export async function startApiServer(): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), "api-server-"));
  const [client = 0, peer = 0, secure = 0] = await freePorts(3);
  const kubeconfig = join(folder, "kubeconfig");
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = file("sa.key", privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  const certificate = file("sa.pub", publicKey.export({ type: "spki", format: "pem" }).toString());
  const tokens = file("tokens.csv", "admin-token,admin,admin,system:masters\nviewer-token,viewer,viewer\n");
  file("kubeconfig", kubeconfigFor(secure));
  const started: ChildProcess[] = [];
  const start = (name: string, ...args: string[]) => {
    const log = openSync(join(folder, `${name}.log`), "a");
    const env = { ...process.env, PATH: searchPath() };
    started.push(spawn(name, args, { stdio: ["ignore", log, log], env }));
  };
  const kubectl = (...args: string[]) =>
    execFileSync(join(places.bin, "kubectl"), ["--kubeconfig", kubeconfig, ...args], {
      encoding: "utf8",
      stdio: "pipe",
      env: { ...process.env, KUBECACHEDIR: join(folder, "kubectl") },
    });
  const stop = async () => {
    for (const child of started.reverse()) {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await new Promise((done) => child.once("exit", done));
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const [etcd, etcdPeer] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  start(
    "etcd",
    ...[`--data-dir=${join(folder, "etcd")}`, "--unsafe-no-fsync", `--initial-cluster=default=${etcdPeer}`],
    ...[`--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`],
    ...[`--listen-peer-urls=${etcdPeer}`, `--initial-advertise-peer-urls=${etcdPeer}`],
  );
  start(
    "kube-apiserver",
    ...[`--etcd-servers=${etcd}`, `--cert-dir=${folder}`, `--secure-port=${secure}`, "--bind-address=127.0.0.1"],
    ...[`--service-account-key-file=${certificate}`, `--service-account-signing-key-file=${key}`],
    ...["--service-account-issuer=https://sandbox", "--service-cluster-ip-range=10.98.0.0/16"],
    ...["--authorization-mode=RBAC", `--token-auth-file=${tokens}`, "--disable-admission-plugins=ServiceAccount"],
  );
  try {
    await eventually(() => kubectl("get", "--raw", "/readyz"), 60_000);
    start(
      "kube-controller-manager",
      ...[`--kubeconfig=${kubeconfig}`, `--service-account-private-key-file=${key}`, "--leader-elect=false"],
      "--secure-port=0",
    );
    await eventually(() => kubectl("get", "namespace", "default"), 30_000);
  } catch (error) {
    const log = readFileSync(join(folder, "kube-apiserver.log"), "utf8").split("\n").slice(-5).join("\n");
    await stop();
    throw new Error(`the API server did not start: ${error instanceof Error ? error.message : error}\n${log}`);
  }
  return { kubeconfig, kubectl, stop };
}

/** Repeats what throws until it does not. */
export async function eventually<T>(attempt: () => T, withinMs: number): Promise<T> {
  for (const deadline = Date.now() + withinMs; ; await pause(200)) {
    try {
      return attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

function kubeconfigFor(port: number): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [
      { name: "admin", user: { token: "admin-token" } },
      { name: "viewer", user: { token: "viewer-token" } },
    ],
    contexts: [
      { name: "test", context: { cluster: "c", user: "admin" } },
      { name: "viewer", context: { cluster: "c", user: "viewer" } },
    ],
    "current-context": "test",
  });
}

/** Ports that nobody listens on, all held at once so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((done) => server.close(done));
      return typeof address === "object" && address ? address.port : 0;
    }),
  );
}
