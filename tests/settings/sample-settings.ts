import { checkSettings } from "../../settings/load.ts";
import type { Problem } from "../../settings/problems.ts";

/** Settings without a problem. */
export const good = {
  cluster: { context: "kind" },
  namespace: "shop-dev",
  release: { repository: "localhost:5000/shop", build: { context: "app" } },
  web: { port: 8000, migrate: ["migrate"], probes: { live: "/live", ready: "/ready" } },
  database: { image: "postgres:17", storage: "1Gi" },
  databasePassword: "correct-horse",
};

/** A release to promote, instead of a build. */
export const promotion = { repository: "localhost:5000/shop", name: "v1.17", promoteFrom: "test" };

/** The configuration in the format of the engine, with one setting changed; undefined removes it. */
export function configured(path = "", value?: unknown): Record<string, string> {
  // biome-ignore lint/suspicious/noExplicitAny: settings of any shape, wrong ones too
  const settings: any = structuredClone(good);
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const parent = keys.reduce((object, key) => object[key], settings);
  if (last) parent[last] = value;
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([, setting]) => setting !== undefined)
      .map(([key, setting]) => [`slipway:${key}`, typeof setting === "string" ? setting : asJson(setting)]),
  );
}

/** JSON with integers of any length, as in a stack file. */
export const asJson = (setting: unknown): string => {
  const text = JSON.stringify(setting, (_, value) => (typeof value === "bigint" ? `big ${value}` : value));
  return String(text).replace(/"big (\d+)"/g, "$1");
};

/** The keys that are stored encrypted. */
export const encrypted = ["slipway:databasePassword", "slipway:secrets", "slipway:buildSecrets"];
/** Checks these settings with one of them changed. */
export const check = (path?: string, value?: unknown) => checkSettings(configured(path, value), encrypted);
/** Names of the settings that have a problem. */
export const settingsOf = (problems: Problem[]) => problems.map(({ setting }) => setting);
