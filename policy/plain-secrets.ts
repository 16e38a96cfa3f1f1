import { containerProblems, kindOf } from "./pods.ts";
import { type Props, resourceRule } from "./rule.ts";
import { secretName } from "./secret-names.ts";
import { list } from "./unknown-values.ts";

/** Names that may hold a path instead of a secret; a kubeconfig itself is longer, or has several lines. */
const paths: readonly (readonly [name: RegExp, path: RegExp])[] = [
  [/^(old)?pwd$/i, /^\/\S*$/],
  [/kubeconfig$/i, /^[\w.~/:-]{1,255}$/],
];

/** Reference to another variable: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables */
const reference = /^\$\([\w.-]+\)$/;

/** Patterns of secrets, under any name. */
const patterns: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a password in an address", /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:[^\s/@$]+@/i],
  ["an access key of AWS", /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["a token of GitHub", /\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,})\b/],
  ["a token of Slack", /\bxox[abprs]-[\w-]{10,}/],
  ["a signed token", /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
];

/** Kind of secret that a value contains; undefined if none. Messages never show the value. */
function secretIn(name: string, value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const isPath = paths.some(([names, path]) => names.test(name) && path.test(value));
  if (secretName.test(name) && !isPath && !reference.test(value)) return "a value under a name for secrets";
  return patterns.find(([, pattern]) => pattern.test(value))?.[0];
}

export const plainSecret = resourceRule(
  {
    id: "plain-secret",
    reason:
      "Everybody with read access to the cluster sees pods and ConfigMaps, and previews, logs and state contain them.",
    remedy:
      "put it in slipway:secrets (pulumi config set --secret --path slipway:secrets.NAME), which becomes a Secret that the pod refers to by secretKeyRef",
  },
  (resource) =>
    kindOf(resource) === "ConfigMap"
      ? configMapProblems(resource.props)
      : containerProblems(resource, ({ props }) => secretsIn(props)),
);

const configMapProblems = (props: Props): string[] =>
  ["data", "binaryData"].flatMap((field) =>
    Object.entries(props[field] ?? {}).flatMap(([name, value]) => {
      const text = field === "data" ? value : Buffer.from(String(value), "base64").toString();
      const secret = secretIn(name, text);
      return secret ? [`${field}[${name}] holds ${secret}`] : [];
    }),
  );

const secretsIn = (props: Props): string[] => [
  ...list(props.env).flatMap(({ name, value }) => {
    const secret = secretIn(String(name), value);
    return secret ? [`has ${secret} in its variable ${name}`] : [];
  }),
  ...["command", "args"].flatMap((field) => {
    const secret = list(props[field]).map(inCommand).find(Boolean);
    return secret ? [`has ${secret} in its ${field}`] : [];
  }),
];

/** Checks a word such as `--password=…`, or `--password` with its value in the next word; `--no-password` has none. */
function inCommand(word: unknown, index: number, words: readonly unknown[]): string | undefined {
  const [, option, value] = /^--?([\w-]+)(?:=(.+))?$/s.exec(String(word)) ?? [];
  if (option === undefined) return secretIn("", word);
  if (value !== undefined) return secretIn(option, value);
  const next = words[index + 1];
  return /^no-/.test(option) || /^-/.test(String(next)) ? undefined : secretIn(option, next);
}
