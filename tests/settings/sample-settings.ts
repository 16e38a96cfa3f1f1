import { checkSettings } from "../../settings/load.ts";

/** Settings of which nothing is wrong. */
export const good = {
  cluster: { context: "kind" },
  namespace: "shop-dev",
  release: { repository: "localhost:5000/shop", build: { context: "app" } },
  web: { port: 8000, migrate: ["migrate"], probes: { live: "/live", ready: "/ready" } },
  database: { image: "postgres:17", storage: "1Gi" },
  databasePassword: "correct-horse",
};

/** A release that is promoted, in place of one that is built. */
export const promotion = { repository: "localhost:5000/shop", name: "v1.17", promoteFrom: "test" };

/** The configuration as the engine hands it over, with one setting changed; undefined removes it. */
export function configured(path = "", value?: unknown): Record<string, string> {
  // biome-ignore lint/suspicious/noExplicitAny: settings of any shape, wrong ones too
  const settings: any = structuredClone(good);
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  const holder = steps.reduce((object, step) => object[step], settings);
  if (last) holder[last] = value;
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([, setting]) => setting !== undefined)
      .map(([key, setting]) => [`slipway:${key}`, typeof setting === "string" ? setting : written(setting)]),
  );
}

/** JSON with integers of any length, as a stack file may have them. */
export const written = (setting: unknown): string => {
  const text = JSON.stringify(setting, (_, value) => (typeof value === "bigint" ? `big ${value}` : value));
  return String(text).replace(/"big (\d+)"/g, "$1");
};

/** The keys that are stored encrypted. */
export const encrypted = ["slipway:databasePassword", "slipway:secrets", "slipway:buildSecrets"];
/** What comes of these settings with one of them changed. */
export const check = (path?: string, value?: unknown) => checkSettings(configured(path, value), encrypted);
