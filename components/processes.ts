import * as pulumi from "@pulumi/pulumi";
import type { Accessory } from "./accessory.ts";
import { Process, type ProcessArgs } from "./process.ts";
import { Schedule, type ScheduleArgs } from "./schedule.ts";
import type { WebApp } from "./web.ts";

/** Processes and schedules of an application, by name. */
export interface ProcessesArgs {
  readonly processes: Readonly<Record<string, Omit<ProcessArgs, "application">>>;
  readonly schedules: Readonly<Record<string, Omit<ScheduleArgs, "application">>>;
}

/**
 * Starts the processes and schedules of web's release.
 *
 * @param accessories that have to serve as well
 * @returns for web and all of them: the components, an output that resolves once the release runs in each and the
 *   accessories serve, and the seconds in which the slowest pod stops. A scheduled run is not waited for.
 */
export function startProcesses(
  web: WebApp,
  args: ProcessesArgs,
  accessories: readonly Accessory[],
  opts: pulumi.ComponentResourceOptions,
): { components: pulumi.Resource[]; ready: pulumi.Output<string[]>; stopsWithin: number } {
  const { application } = web;
  const others = Object.entries(args.processes).map(
    ([name, process]) => new Process(name, { ...process, application }, opts),
  );
  const schedules = Object.entries(args.schedules).map(
    ([name, schedule]) => new Schedule(name, { ...schedule, application }, opts),
  );
  const processes = [web, ...others];
  return {
    components: [...processes, ...schedules],
    ready: pulumi.all([...processes, ...accessories].map(({ ready }) => ready)),
    stopsWithin: Math.max(...processes.map(({ stopsWithin }) => stopsWithin)),
  };
}
