import * as pulumi from "@pulumi/pulumi";
import { connectionOf } from "../cluster/client.ts";
import { gather, type WorkloadName } from "./evidence.ts";
import { redactor } from "./redactor.ts";
import { describeFailure, logLines } from "./describe-failure.ts";

/**
 * Why a workload failed, for people: the likely cause and what to do, then what the cluster shows. Values of secrets are hidden.
 *
 * @param provider the component's, which says how the cluster is reached
 * @param errors what the provider said, newest first
 * @throws Error where the cluster cannot be read
 */
export async function explain(
  workload: WorkloadName,
  provider: pulumi.ProviderResource | undefined,
  errors: readonly string[],
): Promise<string> {
  const evidence = await gather(await connectionOf(provider), workload, logLines);
  return describeFailure({ ...evidence, errors }, redactor([...evidence.secrets, ...secretSettings()]));
}

/** Every text in the settings of this stack that are stored encrypted. */
function secretSettings(): string[] {
  const config = pulumi.runtime.allConfig();
  const keys: string[] = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]");
  return keys.flatMap((key) => [config[key] ?? "", ...texts(parsed(config[key]))]);
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return text;
  }
}

function texts(value: unknown): string[] {
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(texts);
  return value === undefined || value === null ? [] : [String(value)];
}
