import { z } from "zod";
import { entryOf, type SchemaNode } from "./all-settings.ts";
import type { Problem } from "./problems.ts";
import { schema, secretKeys } from "./schema.ts";

/** The command that fixes a setting, or the text to write. */
export function remedy(stack: string, problem: Problem): string {
  const { allowed = "nothing", remove = allowed.startsWith("nothing") } = problem;
  const setting = problem.instead ?? problem.setting;
  if (!setting.startsWith("slipway:")) return `pulumi config set --stack ${stack} ${setting} VALUE`;
  if (remove) return `pulumi config rm --stack ${stack} --path '${setting}'`;
  // `pulumi config set` would write the whole file again, and the other values in it as YAML read them.
  if (problem.text !== undefined) return `write it in quotes in Pulumi.${stack}.yaml: ${JSON.stringify(problem.text)}`;
  const [key = ""] = setting.slice("slipway:".length).split(/[.[]/);
  const secret = secretKeys.includes(key) ? " --secret" : "";
  const { below, example } =
    problem.example === undefined ? exampleOf(setting) : { below: "", example: problem.example };
  const set = `pulumi config set --stack ${stack}${secret} --path '${setting}${below}' ${quoted(example)}`;
  // Pulumi sets nothing below a value that is neither a list nor a mapping.
  const blocked = below !== "" && problem.value !== undefined && !problem.value.startsWith("[");
  return blocked ? `pulumi config rm --stack ${stack} --path '${setting}' && ${set}` : set;
}

/** Quotes a word of a command line if a shell would change it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`);

/**
 * Finds an example to type. A list or a mapping is not set as a whole: then `below` leads to its first entry, or to its
 * first required key.
 */
function exampleOf(setting: string): { below: string; example: string } {
  const options = (node?: SchemaNode): SchemaNode[] => (node ? [node, ...(node.anyOf ?? [])] : []);
  let node: SchemaNode | undefined = z.toJSONSchema(schema, { io: "input" }) as SchemaNode;
  for (const step of setting.slice("slipway:".length).match(/\["[^"]*"\]|\[\d+\]|[^.[\]]+/g) ?? [])
    node = options(node)
      .map((parent) => (/^\[\d+\]$/.test(step) ? parent.items : (parent.properties?.[step] ?? entryOf(parent))))
      .find(Boolean);
  for (let below = ""; ; ) {
    const all = options(node);
    const example = all.flatMap(({ examples = [] }) => examples).find((each) => typeof each !== "object");
    if (example !== undefined) return { below, example: String(example) };
    const [entry] = all.flatMap(({ items = [] }) => items);
    const mapping = all.find(({ properties, additionalProperties }) => properties ?? additionalProperties);
    if (!entry && !mapping) return { below, example: "VALUE" };
    const [name = "NAME"] = [...(mapping?.required ?? []), ...Object.keys(mapping?.properties ?? {})];
    below += entry ? "[0]" : `.${name}`;
    node = entry ?? mapping?.properties?.[name] ?? (mapping && entryOf(mapping));
  }
}
