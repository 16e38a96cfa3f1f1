import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Account, accountOf } from "./aws.ts";
import { type Settings as Plain, schema, secretKeys } from "./schema.ts";
import { UserError } from "./user-error.ts";

/** The settings of one environment, complete with defaults; what is secret there is a secret output here. */
export interface Settings extends Omit<Plain, "databasePassword" | "secrets" | "buildSecrets"> {
  databasePassword?: pulumi.Output<string>;
  secrets: Record<string, pulumi.Output<string>>;
  buildSecrets: Record<string, pulumi.Output<string>>;
  /** The AWS account that the stack works in. Default: nothing of AWS is used, or loaded. */
  account?: Account;
}

/**
 * Reads the settings of the stack that is running: the program's only look at its configuration.
 *
 * @throws UserError that names every problem at once, each with what is allowed and the command to type.
 */
export function loadSettings(): Settings {
  const encrypted: string[] = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]");
  const { settings, account, problems } = checkSettings(pulumi.runtime.allConfig(), encrypted);
  if (!settings) throw new UserError(report(pulumi.getStack(), problems));
  const secret = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, pulumi.secret(value)]));
  return {
    ...settings,
    account,
    databasePassword: settings.databasePassword === undefined ? undefined : pulumi.secret(settings.databasePassword),
    secrets: secret(settings.secrets),
    buildSecrets: secret(settings.buildSecrets),
  };
}

/** One thing that is wrong with the settings. */
export interface Problem {
  /** Path of the setting as `pulumi config --path` takes it, as in `slipway:web.port`. */
  setting: string;
  /** What stands there now, as JSON; undefined where nothing does, or where it must not be shown. */
  found?: string;
  /** What may stand there, in words; undefined where no such setting exists. */
  allowed?: string;
  /** Whether the way out is to remove it, rather than to set it. Default: it is where nothing is allowed. */
  remove?: boolean;
  /** Which setting to set in its place. */
  instead?: string;
}

/**
 * Checks a configuration as the engine hands it over.
 *
 * @param config values by full key (`slipway:web`); objects and numbers as JSON text
 * @param encrypted the keys of it that are stored encrypted
 */
export function checkSettings(
  config: Record<string, string>,
  encrypted: string[],
): { settings?: Plain; account?: Account; problems: Problem[] } {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const [key, text] of Object.entries(config)) {
    const name = key.startsWith("slipway:") ? key.slice("slipway:".length) : undefined;
    if (name === undefined) continue;
    values[name] = texts.includes(name) ? text : parseJson(text);
    if (secretKeys.includes(name) && !encrypted.includes(key))
      for (const setting of isMapping(values[name]) ? Object.keys(values[name]).map((each) => `${key}.${each}`) : [key])
        problems.push({ setting, allowed: "an encrypted value; this one stands in the stack file for all to read" });
    // It would be handed on in the clear: to the Deployment, the state and the previews.
    if (!secretKeys.includes(name) && name in schema.shape && encrypted.includes(key))
      problems.push({ setting: key, allowed: openValues, instead: "slipway:secrets.NAME" });
  }
  const parsed = schema.safeParse(values, { reportInput: true });
  const wrong = (parsed.error?.issues ?? []).flatMap((issue) => explain(issue));
  const isHidden = ({ setting }: Problem) => encrypted.some((key) => setting === key || setting.startsWith(`${key}.`));
  problems.push(...wrong.map((problem) => (isHidden(problem) ? { ...problem, found: undefined } : problem)));
  if (!parsed.success) return { problems };
  const { account, problems: mismatches } = accountOf(parsed.data, config["aws:region"]);
  for (const [setting, allowed, found] of mismatches)
    problems.push({ setting, allowed, found: found && JSON.stringify(found) });
  return problems.length > 0 ? { problems } : { settings: parsed.data, account, problems };
}

/** One message for people: every problem, what is allowed, and what to type. */
export function report(stack: string, problems: Problem[]): string {
  const lines = problems.flatMap((problem) => [
    problem.allowed === undefined
      ? `  ${problem.setting}: there is no such setting`
      : `  ${problem.setting}${problem.found === undefined ? "" : ` is ${problem.found}`}; allowed: ${problem.allowed}`,
    `    ${remedy(stack, problem)}`,
  ]);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return `${count} in Pulumi.${stack}.yaml; nothing was contacted and nothing changed.\n\n${lines.join("\n")}\n`;
}

const openValues =
  "values that anyone may read, and an encrypted one is among these; the application's secrets go to slipway:secrets, the build's to slipway:buildSecrets";

/** The keys whose values are text, also where that looks like a number. */
const texts = ["namespace", "owner", "databasePassword"];

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function settingAt(path: readonly PropertyKey[]): string {
  const [key, ...rest] = path;
  const steps = rest.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^[A-Za-z_][\w-]*$/.test(String(step)) ? `.${String(step)}` : `["${String(step)}"]`;
  });
  return `slipway:${String(key)}${steps.join("")}`;
}

function explain(issue: z.core.$ZodIssue, parents: readonly PropertyKey[] = []): Problem[] {
  const path = [...parents, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ setting: settingAt([...path, key]) }));
  // A union fails as a whole; where only one of its branches takes an object, the object's own problems say more.
  if (issue.code === "invalid_union" && isMapping(issue.input)) {
    const branch = issue.errors.find((problems) =>
      problems.every((problem) => problem.path.length > 0 || problem.code !== "invalid_type"),
    );
    if (branch) return branch.flatMap((problem) => explain(problem, path));
  }
  const hidden = secretKeys.includes(String(path[0])) || issue.input === undefined || isMapping(issue.input);
  const setting = settingAt(path);
  if (issue.code === "invalid_key")
    return issue.issues.map((problem) => ({ setting, allowed: problem.message, remove: true }));
  return [{ setting, found: hidden ? undefined : JSON.stringify(issue.input), allowed: issue.message }];
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The command that mends a setting. */
function remedy(stack: string, problem: Problem): string {
  const { setting: wrong, allowed = "nothing", instead } = problem;
  const { remove = allowed.startsWith("nothing") } = problem;
  const setting = instead ?? wrong;
  if (!setting.startsWith("slipway:")) return `pulumi config set --stack ${stack} ${setting} VALUE`;
  if (remove) return `pulumi config rm --stack ${stack} --path '${setting}'`;
  const [key = ""] = setting.slice("slipway:".length).split(/[.[]/);
  const secret = secretKeys.includes(key) ? " --secret" : "";
  const { below, example = "VALUE" } = exampleOf(setting);
  const set = `pulumi config set --stack ${stack}${secret} --path '${setting}${below}' ${inShell(example)}`;
  // Pulumi sets nothing below what is neither a list nor a mapping.
  const inTheWay = below !== "" && problem.found !== undefined && !problem.found.startsWith("[");
  return inTheWay ? `pulumi config rm --stack ${stack} --path '${setting}' && ${set}` : set;
}

/** A word of a command line, in quotes where a shell would make something else of it. */
const inShell = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`);

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  required?: string[];
  additionalProperties?: unknown;
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  examples?: unknown[];
}

/** An example of a setting; of a list, of its first entry, and of a mapping, of the first that it has to have: by what that adds to the path. */
function exampleOf(setting: string): { below: string; example?: string } {
  let node: SchemaNode | undefined = z.toJSONSchema(schema, { io: "input" }) as SchemaNode;
  const options = (of?: SchemaNode): SchemaNode[] => (of ? [of, ...(of.anyOf ?? [])] : []);
  const within = (of: SchemaNode, step: string) => (/^\d+\]$/.test(step) ? of.items : of.properties?.[step]);
  for (const step of setting.slice("slipway:".length).split(/[.[]/))
    node = options(node)
      .map((option) => within(option, step))
      .find(Boolean);
  for (let below = ""; ; ) {
    const all = options(node);
    const [example] = all.flatMap(({ examples = [] }) => examples);
    if (example !== undefined) return { below, example: String(example) };
    const [entry] = all.flatMap(({ items = [] }) => items);
    const [mapping] = all.filter(({ properties, additionalProperties }) => properties ?? additionalProperties);
    if (!entry && !mapping) return { below };
    const [name = "NAME"] = [...(mapping?.required ?? []), ...Object.keys(mapping?.properties ?? {})];
    below += entry ? "[0]" : `.${name}`;
    node = entry ?? mapping?.properties?.[name];
  }
}
