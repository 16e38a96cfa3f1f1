import { stackFiles } from "../../settings/stack-files.ts";
import type { Fields } from "../cli/fields.ts";
import { render } from "./render.ts";

/** A resource of AWS, as the program asks for it in one of the environments. */
export interface Made {
  readonly stack: string;
  /** As in `aws Repository`. */
  readonly kind: string;
  readonly name: string;
  readonly inputs: Fields;
}

/** Everything that the committed environments make in AWS. */
export async function madeInAws(): Promise<Made[]> {
  const all: Made[] = [];
  for (const file of stackFiles())
    for (const { kind, name, object } of await render(file))
      if (kind.startsWith("aws ")) all.push({ stack: file.stack, kind, name, inputs: object });
  return all;
}

/** node commands/environments/iam-documents.ts: prints them as JSON, for cloud/check. */
if (import.meta.main) console.log(JSON.stringify(await madeInAws()));
