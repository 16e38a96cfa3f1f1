import { stackFiles } from "../../settings/stack-files.ts";
import type { Fields } from "../cli/fields.ts";
import { render } from "./render.ts";

/** Resource in AWS of one environment. */
export interface AwsResource {
  readonly stack: string;
  /** Type, as in `aws Repository`. */
  readonly kind: string;
  readonly name: string;
  readonly inputs: Fields;
}

/** Renders the resources in AWS of all environments. */
export async function awsResources(): Promise<AwsResource[]> {
  const resources: AwsResource[] = [];
  for (const file of stackFiles())
    for (const { kind, name, object } of await render(file))
      if (kind.startsWith("aws ")) resources.push({ stack: file.stack, kind, name, inputs: object });
  return resources;
}

if (import.meta.main) console.log(JSON.stringify(await awsResources()));
