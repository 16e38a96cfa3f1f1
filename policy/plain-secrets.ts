import { list } from "./known.ts";
import { kindOf, ofContainers } from "./pods.ts";
import { type Props, resourceRule } from "./rule.ts";

/** A name that says its value is nobody's business; one that ends in _FILE or _NAME says where that is. */
const secretName =
  /(password|passwd|passphrase|token|secret|api_?key|access_?key|private_?key|secret_?key|credentials?)$/i;

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
  if (secretName.test(name)) return "a value under a name that says it is secret";
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

/** As in `--password=…`. */
function inCommand(word: unknown): string | undefined {
  const [, option = "", value = word] = /^--?([\w-]+)=(.+)$/s.exec(String(word)) ?? [];
  return givenAway(option, value);
}
