import type * as k8s from "@pulumi/kubernetes";

type Probe = k8s.types.input.core.v1.Probe;

/** Path that answers over HTTP, or command that succeeds in the container. */
export type Check = string | { readonly command: string[] };

/** Health checks of a process that serves HTTP. */
export interface Probes {
  /** Succeeds while the process works. */
  readonly live: Check;
  /** Succeeds when the process can serve requests. */
  readonly ready: Check;
  /** Port of the paths. @default the container's port `http` */
  readonly port?: number;
  /** Host header of the requests. @default the pod's address */
  readonly host?: string;
  /** Seconds that a start may take. */
  readonly startSeconds: number;
}

/** Seconds in which a check has to succeed. */
const timeoutSeconds = 5;

/** Probes of a container: it is started once it is live, restarted if it is not, and gets requests while it is ready. */
export const containerProbes = (probes: Probes) => ({
  startupProbe: { ...handler(probes.live, probes), ...startup(probes) },
  readinessProbe: { ...handler(probes.ready, probes), periodSeconds: 2, timeoutSeconds, failureThreshold: 2 },
  livenessProbe: { ...handler(probes.live, probes), periodSeconds: 10, timeoutSeconds, failureThreshold: 3 },
});

/**
 * Path with which a load balancer can check that a process is ready; undefined if there is none: it sends no Host header of
 * ours, reaches no other port, and runs no command.
 */
export const loadBalancerPath = ({ ready, port, host }: Omit<Probes, "live">): string | undefined =>
  typeof ready === "string" && port === undefined && host === undefined ? ready : undefined;

/** Asks for a path each second; starts a command, which may take longer itself, each five. */
const startup = ({ live, startSeconds }: Probes): Probe =>
  typeof live === "string"
    ? { periodSeconds: 1, failureThreshold: startSeconds }
    : { periodSeconds: timeoutSeconds, timeoutSeconds, failureThreshold: Math.ceil(startSeconds / timeoutSeconds) };

function handler(check: Check, { port, host }: Probes): Probe {
  if (typeof check !== "string") return { exec: { command: check.command } };
  // Not the field `host`, which would name another machine to connect to.
  return {
    httpGet: { path: check, port: port ?? "http", httpHeaders: host ? [{ name: "Host", value: host }] : undefined },
  };
}
