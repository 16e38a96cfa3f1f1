import { z } from "zod";
import { command, conflicts, group, text, whole } from "./building-blocks.ts";
import { hostName } from "./names.ts";

const probe = (path: string, ...example: [string, ...string[]]) =>
  z
    .union(
      [
        text("a path that begins with /", /^\/\S*$/, path),
        group({
          command: command(...example).describe(
            "Command that succeeds in place of a path that answers, run in the container.",
          ),
        }),
      ],
      { error: `a path that begins with /, or {command: [${example.join(", ")}]}` },
    )
    .meta({ examples: [path] });

const startSeconds = 60;

/** Refuses a start that may take longer than the rollout waits, if somebody set it. */
export function refuseLateStart(
  {
    probes,
    deadlineSeconds,
  }: { readonly probes?: { readonly startSeconds: number }; readonly deadlineSeconds: number },
  ctx: z.RefinementCtx,
): void {
  const allowed = probes?.startSeconds ?? 0;
  if (allowed <= startSeconds || allowed <= deadlineSeconds) return;
  const message = `a whole number from ${allowed} to 3600, because a start may take ${allowed} s (probes.startSeconds)`;
  ctx.addIssue({ code: "custom", path: ["deadlineSeconds"], message, params: { example: allowed } });
}

/** Health checks of a process that serves HTTP. */
export const probes = group({
  live: probe("/health/live", "bin/alive").describe(
    "Path that answers, or command that succeeds, while the process works. It must not depend on the database: if it fails, the container restarts.",
  ),
  ready: probe("/health/ready", "bin/ready").describe(
    "Path that answers, or command that succeeds, when requests can be served, database included.",
  ),
  port: whole(1024, 65535, 9000)
    .optional()
    .describe("Port of these paths, if the process answers them on a port of their own. Default: slipway:web.port."),
  host: hostName("a host name in lower case, as in app.example.com", "app.example.com")
    .optional()
    .describe(
      "Host header of these requests, for applications that answer only to names that they know, as with Django's ALLOWED_HOSTS. Default: the pod's address.",
    ),
  startSeconds: whole(1, 3600, startSeconds)
    .default(startSeconds)
    .describe("Seconds that a start may take before the container is restarted."),
})
  .superRefine(({ live, ready, port, host }, ctx) => {
    if (typeof live === "string" || typeof ready === "string") return;
    for (const [setting, value] of Object.entries({ port, host }))
      if (value !== undefined) conflicts(ctx)(setting, "nothing, if live and ready are commands");
  })
  .describe("Health checks over HTTP, or by commands.");
