import type { z } from "zod";
import { command, conflicts, group, named, text, whole } from "./building-blocks.ts";
import { probes, refuseLateStart } from "./probes.ts";
import { refuseSeveralWriters, volumes } from "./volumes.ts";
import { web } from "./web.ts";

const { replicas, resources, user, drainSeconds, stopSeconds, host, allowFrom, allowTo } = web.shape;

/** Settings that only a process with a port can have. */
const needPort = ["host", "path", "drainSeconds", "allowFrom"] as const;

const process = group({
  command: command("celery", "--app=shop", "worker").describe("Command to run, in the image of slipway:release."),
  replicas,
  resources,
  user,
  volumes: volumes({ "/run": {} }).describe(
    "Volumes by path, as those of slipway:web.volumes. Besides these, only /tmp can be written to. Default: none.",
  ),
  stopSeconds: stopSeconds.describe("Seconds that a pod has to finish what it works on, after SIGTERM."),
  deadlineSeconds: whole(20, 3600, 180)
    .default(180)
    .describe("Seconds without progress after which a rollout fails; the old version keeps running."),
  probes: group({
    ...probes.shape,
    ready: probes.shape.ready
      .optional()
      .describe("Path that answers, or command that succeeds, when it can do its work. Default: as live."),
    port: probes.shape.port.describe("Port of these paths, if they have one of their own. Default: its port."),
  })
    .optional()
    .describe(
      "Health checks: over HTTP or by commands if it has a port, and only by commands otherwise. Required with a port. Default: it counts as started once it has run for 10 s.",
    ),
  allowTo: allowTo.describe("Destinations that it may connect to over TCP, as in slipway:web.allowTo. Default: none."),
  port: web.shape.port
    .optional()
    .describe(
      "Port that it listens on, behind a Service: http://NAME. Pods that call it need its namespace in their allowTo. Default: none, and nothing reaches it.",
    ),
  host: host.describe(
    "Host name of its own that the cluster's ingress serves, with a certificate of slipway:web.tls.issuer or the one in the Secret NAME-tls. Default: none.",
  ),
  path: text(
    "a path without a / at its end, as in /api/streaming",
    /^(\/(?!\.{1,2}(\/|$))[\w.~-]+)+$/,
    "/api/streaming",
  )
    .optional()
    .describe(
      "Path below which the ingress serves it, under its host or else slipway:web.host; requests arrive with the whole path. Default: all of its host.",
    ),
  drainSeconds,
  allowFrom,
}).superRefine((process, ctx) => {
  const conflict = conflicts(ctx);
  const { port, probes } = process;
  refuseSeveralWriters(process, ctx);
  refuseLateStart(process, ctx);
  const paths = (["live", "ready"] as const).filter((check) => typeof probes?.[check] === "string");
  if (paths.length === 0)
    for (const setting of ["port", "host"] as const)
      if (probes?.[setting] !== undefined) conflict(["probes", setting], "nothing, if live and ready are commands");
  if (port !== undefined) {
    if (!probes) conflict(["probes", "live"], "a path that begins with /, or a command (it has a port)");
    return;
  }
  for (const setting of needPort) if (process[setting] !== undefined) conflict(setting, "nothing, if it has no port");
  for (const check of paths) conflict(["probes", check], "a command, as in {command: [bin/alive]}, if it has no port");
});

/** Processes of the release besides web, by name. */
export const processes = named("worker", process).describe(
  "Further processes of the release, by name: the same image, environment, secrets and database as web.",
);

/** Reports processes that would be served at the same address as another one, or at none. */
export function addressConflicts(
  all: z.output<typeof processes>,
  webHost: string | undefined,
  conflict: ReturnType<typeof conflicts>,
): void {
  const served = new Map<string, string>();
  for (const [name, { port, host: ownHost, path = "" }] of Object.entries(all)) {
    if (port === undefined) continue;
    const host = ownHost ?? webHost;
    const at = (setting: string) => ["processes", name, setting];
    if (path && !host) conflict(at("path"), "nothing, if neither it nor slipway:web has a host");
    if (!path && !ownHost) continue;
    if (!path && host === webHost)
      conflict(at("host"), "another host than slipway:web.host, or that of web with a path");
    const other = served.get(`${host}${path}`);
    if (other) conflict(at(path ? "path" : "host"), `another one than that of slipway:processes.${other}`);
    served.set(`${host}${path}`, name);
  }
}
