import * as pulumi from "@pulumi/pulumi";
import { connectionOf } from "../cluster/client.ts";
import { describeFailure, logLines } from "./describe-failure.ts";
import { collectEvidence, type WorkloadName } from "./evidence.ts";
import { redactor } from "./redactor.ts";

/**
 * Explains why a workload failed: the likely cause and its remedy, then the evidence. Hides the values of secrets.
 *
 * @param provider of the component, for the connection to the cluster
 * @param errors of the provider, newest first
 * @throws Error if the cluster cannot be read
 */
export async function explain(
  workload: WorkloadName,
  provider: pulumi.ProviderResource | undefined,
  errors: readonly string[],
): Promise<string> {
  const evidence = await collectEvidence(await connectionOf(provider), workload, logLines);
  return describeFailure({ ...evidence, errors }, redactor([...evidence.secrets, ...secretSettings()]));
}

/** All texts in this stack's secret settings. */
function secretSettings(): string[] {
  const config = pulumi.runtime.allConfig();
  const keys: string[] = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]");
  return keys.flatMap((key) => [config[key] ?? "", ...texts(parseJson(config[key]))]);
}

function parseJson(text: string | undefined): unknown {
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
