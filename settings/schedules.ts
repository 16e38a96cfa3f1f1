import { z } from "zod";
import { command, group, named, whole } from "./building-blocks.ts";
import { cron } from "./cron.ts";
import { web } from "./web.ts";

const { resources, user, allowTo } = web.shape;

/** Returns whether Kubernetes and this program know a time zone. Kubernetes distinguishes upper and lower case. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
  } catch {
    return false;
  }
  // An offset, as in +01:00, is no name.
  const isName = /^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(name);
  const inOtherCase = Intl.supportedValuesOf("timeZone").find((zone) => zone.toLowerCase() === name.toLowerCase());
  return isName && (inOtherCase ?? name) === name;
}

const timeZoneError = "the name of a time zone, as in Europe/Berlin";

const schedule = group({
  command: command("bin/clean-up").describe("Command to run, in the image of slipway:release."),
  schedule: cron("0 3 * * *").describe("When to run: a cron expression, in the time zone."),
  timeZone: z
    .string({ error: timeZoneError })
    .refine(isTimeZone, { error: timeZoneError })
    .meta({ examples: ["Europe/Berlin"] })
    .default("Etc/UTC")
    .describe("Time zone of the cron expression."),
  deadlineSeconds: whole(1, 604_800, 3600)
    .default(3600)
    .describe("Seconds that a run may take, the pull of its image included."),
  overlap: z
    .enum(["skip", "replace", "allow"], { error: "skip, replace or allow" })
    .meta({ examples: ["skip"] })
    .default("skip")
    .describe(
      "What happens when a run is due while the last one still runs: skip it, replace the last one, or allow both.",
    ),
  resources,
  user,
  allowTo: allowTo.describe("Destinations that it may connect to over TCP, as in slipway:web.allowTo. Default: none."),
});

/** Commands that run at certain times, by name. */
export const schedules = named("clean-up", schedule).describe(
  "Commands that run at certain times, by name: the same image, environment, secrets and database as web.",
);
