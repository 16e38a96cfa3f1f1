import * as pulumi from "@pulumi/pulumi";
import { type Account, accountOf } from "./account.ts";
import type { ContainerDatabase, ExternalDatabase } from "./database.ts";
import { formatProblems, isMapping, type Problem, problemsOf, settingAt } from "./problems.ts";
import { type Settings as PlainSettings, schema, secretKeys } from "./schema.ts";
import { respelled } from "./spelling.ts";
import { UserError } from "./user-error.ts";

type Secret = "databasePassword" | "secrets" | "buildSecrets" | "accessorySecrets" | "pullSecret";

/** The settings of one environment, complete with defaults; secrets are secret outputs. */
export interface Settings extends Omit<PlainSettings, "database" | Secret> {
  /** Database in a container of its own. @default none */
  database?: ContainerDatabase;
  /** Database elsewhere. @default none */
  externalDatabase?: ExternalDatabase;
  databasePassword?: pulumi.Output<string>;
  secrets: Record<string, pulumi.Output<string>>;
  buildSecrets: Record<string, pulumi.Output<string>>;
  accessorySecrets: Record<string, Record<string, pulumi.Output<string>>>;
  pullSecret?: { registry?: string; username: string; password: pulumi.Output<string> };
  /** The AWS account that the stack works in. @default the stack uses nothing of AWS */
  account?: Account;
}

/**
 * Reads the settings of the running stack. Nothing else in the program reads its configuration.
 *
 * @throws UserError with every problem, what is allowed, and the command to type
 */
export function loadSettings(): Settings {
  const encrypted: string[] = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]");
  const file = `Pulumi.${pulumi.getStack()}.yaml`;
  const { settings, account, problems } = checkSettings(pulumi.runtime.allConfig(), encrypted, file);
  if (!settings) throw new UserError(formatProblems(pulumi.getStack(), problems));
  const secret = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, pulumi.secret(value)]));
  const { database, ...rest } = settings;
  return {
    ...rest,
    ...(database && "external" in database ? { externalDatabase: database.external } : { database }),
    account,
    databasePassword: settings.databasePassword === undefined ? undefined : pulumi.secret(settings.databasePassword),
    secrets: secret(settings.secrets),
    buildSecrets: secret(settings.buildSecrets),
    accessorySecrets: Object.fromEntries(
      Object.entries(settings.accessorySecrets).map(([name, values]) => [name, secret(values)]),
    ),
    pullSecret: settings.pullSecret && {
      ...settings.pullSecret,
      password: pulumi.secret(settings.pullSecret.password),
    },
  };
}

/**
 * Checks a configuration in the engine's format.
 *
 * @param config values by full key (`slipway:web`); objects and numbers as JSON text
 * @param encrypted the keys that are stored encrypted
 * @param file stack file, to see how its values are written. @default that is not checked
 */
export function checkSettings(
  config: Record<string, string>,
  encrypted: string[],
  file?: string,
): { settings?: PlainSettings; account?: Account; problems: Problem[] } {
  const values: Record<string, unknown> = Object.create(null);
  const problems: Problem[] = [];
  for (const [key, text] of Object.entries(config)) {
    const name = key.startsWith("slipway:") ? key.slice("slipway:".length) : undefined;
    if (name === undefined) continue;
    values[name] = textKeys.includes(name) ? text : parseJson(text);
    problems.push(...encryptionProblems(key, values[name], encrypted.includes(key)));
  }
  const parsed = schema.safeParse(values, { reportInput: true });
  const isHidden = ({ setting }: Problem) => encrypted.some((key) => setting === key || setting.startsWith(`${key}.`));
  const spelling: Problem[] = (file ? respelled(values, file) : []).map(({ path, value, text }) => ({
    setting: settingAt(path),
    value: JSON.stringify(value),
    allowed: `text in quotes, as in "${text}", which YAML otherwise reads as ${JSON.stringify(value)}`,
    text,
  }));
  const others = (parsed.error?.issues ?? [])
    .flatMap((issue) => problemsOf(issue))
    .filter(({ setting }) => !spelling.some((problem) => problem.setting === setting));
  for (const problem of [...others, ...spelling])
    problems.push(isHidden(problem) ? { ...problem, value: undefined, text: undefined } : problem);
  if (!parsed.success) return { problems };
  const { account, problems: conflicts } = accountOf(parsed.data, config["aws:region"]);
  problems.push(...conflicts);
  return problems.length > 0 ? { problems } : { settings: parsed.data, account, problems };
}

/** Keys whose values are text even if they look like a number. */
const textKeys = ["namespace", "owner", "databasePassword"];

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Settings that anyone may read beside an encrypted one. */
const readable = ["pullSecret.registry", "pullSecret.username"];

/** Refuses a secret in plain text, and an encrypted value that the program would write in plain text into the state. */
function encryptionProblems(key: string, value: unknown, encrypted: boolean): Problem[] {
  const name = key.slice("slipway:".length);
  if (!Object.hasOwn(schema.shape, name) || secretKeys.includes(name) === encrypted) return [];
  if (encrypted)
    return [
      {
        setting: key,
        allowed:
          "values that anyone may read, and an encrypted one is among these; the application's secrets go to slipway:secrets, the build's to slipway:buildSecrets",
        instead: "slipway:secrets.NAME",
      },
    ];
  const names = isMapping(value) ? Object.keys(value).filter((each) => !readable.includes(`${name}.${each}`)) : [];
  const settings = isMapping(value) ? names.map((each) => `${key}.${each}`) : [key];
  return settings.map((setting) => ({
    setting,
    allowed: "an encrypted value; this one is in the stack file for all to read",
  }));
}
