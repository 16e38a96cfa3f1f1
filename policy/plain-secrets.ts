import { kindOf, ofContainers } from "./pods.ts";
import { type Props, resourceRule } from "./rule.ts";
import { secretName } from "./secret-names.ts";
import { list } from "./unknown-values.ts";

/** A folder, or where a kubeconfig lies; the kubeconfig itself is longer, or has lines. */
const places: readonly (readonly [name: RegExp, place: RegExp])[] = [
  [/^(old)?pwd$/i, /^\/\S*$/],
  [/kubeconfig$/i, /^[\w.~/:-]{1,255}$/],
];

/** What the container gets from elsewhere: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables */
const reference = /^\$\([\w.-]+\)$/;

/** What a secret looks like, whatever it is called. */
const shapes: readonly (readonly [what: string, shape: RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a password in an address", /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:[^\s/@$]+@/i],
  ["an access key of AWS", /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["a token of GitHub", /\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,})\b/],
  ["a token of Slack", /\bxox[abprs]-[\w-]{10,}/],
  ["a signed token", /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
];

/** What a value would give away; undefined for nothing. It is never shown itself. */
function givenAway(name: string, value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const isPlace = places.some(([names, place]) => names.test(name) && place.test(value));
  if (secretName.test(name) && !isPlace && !reference.test(value)) return "a value under a name that says it is secret";
  return shapes.find(([, shape]) => shape.test(value))?.[0];
}

/** Fields of a container that hold words of the command. */
const commands = ["command", "args"];

export const plainSecret = resourceRule(
  {
    id: "plain-secret",
    level: "mandatory",
    reason:
      "What stands in a pod's description or in a ConfigMap is read by everybody who may look at the cluster, and is kept in previews, logs and state.",
    remedy:
      "put it in slipway:secrets (pulumi config set --secret --path slipway:secrets.NAME), which becomes a Secret that the pod refers to by secretKeyRef",
  },
  (resource) =>
    kindOf(resource) === "ConfigMap"
      ? ofConfigMap(resource.props)
      : ofContainers(resource, ({ props }) => ofContainer(props)),
);

const ofConfigMap = (props: Props): string[] =>
  ["data", "binaryData"].flatMap((field) =>
    Object.entries(props[field] ?? {}).flatMap(([name, value]) => {
      const text = field === "data" ? value : Buffer.from(String(value), "base64").toString();
      const found = givenAway(name, text);
      return found ? [`${field}[${name}] holds ${found}`] : [];
    }),
  );

const ofContainer = (props: Props): string[] => [
  ...list(props.env).flatMap(({ name, value }) => {
    const found = givenAway(String(name), value);
    return found ? [`has ${found} in its variable ${name}`] : [];
  }),
  ...commands.flatMap((field) => {
    const found = list(props[field]).map(inCommand).find(Boolean);
    return found ? [`has ${found} in its ${field}`] : [];
  }),
];

/** As in `--password=…`, or in `--password` and the value as the next word; `--no-password` has none. */
function inCommand(word: unknown, place: number, words: readonly unknown[]): string | undefined {
  const [, option, value] = /^--?([\w-]+)(?:=(.+))?$/s.exec(String(word)) ?? [];
  if (option === undefined) return givenAway("", word);
  if (value !== undefined) return givenAway(option, value);
  const next = words[place + 1];
  return /^no-/.test(option) || /^-/.test(String(next)) ? undefined : givenAway(option, next);
}
