import { WebApp, type WebAppArgs } from "../../../components/web.ts";
import { deploy, only } from "../../deploy.ts";
import { webArgs } from "../shop.ts";

export const deployment = "kubernetes:apps/v1:Deployment";
export const job = "kubernetes:batch/v1:Job";

/** Deploys the application of the tests with some arguments changed. */
export const deployed = (overrides: Partial<WebAppArgs> = {}) =>
  deploy(() => new WebApp("web", { ...webArgs, ...overrides }));

/** Deploys it, and returns its only resource of a type. */
export const one = async (type: string, overrides?: Partial<WebAppArgs>) =>
  only((await deployed(overrides)).resources, type);

/** Deploys it. @returns whether it has a resource of a kind */
export const has = async (kind: string, overrides?: Partial<WebAppArgs>) =>
  (await deployed(overrides)).resources.some(({ type }) => type.endsWith(`:${kind}`));
