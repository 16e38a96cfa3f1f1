import { type Sentence, say } from "../cli/sentence.ts";

const patterns: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^spec\.replicas$/, "replicas"],
  [/^spec\.(minReplicas|maxReplicas)$/, "$1"],
  [/[cC]ontainers\[[^\]]+\]\.image(\.(repository|digest))?$/, "image"],
  [/[cC]ontainers\[[^\]]+\]\.env\[([^\]]+)\](\.value|\.valueFrom.*)?$/, "env $1"],
  [/[cC]ontainers\[[^\]]+\]\.ports\[[^\]]+\]\.(containerPort)$/, "port"],
  [/\bports\[[^\]]+\]\.port$/, "port"],
  [/[cC]ontainers\[[^\]]+\]\.resources\.(.+)$/, "$1"],
  [/^spec\.resources\.requests\.storage$/, "storage"],
  [/^spec\.storageClassName$/, "storage class"],
  [/^data\[([^\]]+)\](.*)$/, "$1$2"],
  [/^metadata\.(annotations|labels)[.[](.+?)\]?$/, "$2"],
  [/^spec\.template\.spec\.(.+)$/, "$1"],
  [/^spec\.(.+)$/, "$1"],
];

/** Returns the usual name of a field, as in `replicas`, `image` and `env LOG_LEVEL`. */
export function shortName(field: string): string {
  const [pattern, name] = patterns.find(([each]) => each.test(field)) ?? [];
  return pattern ? field.replace(new RegExp(`^.*?${pattern.source.replace(/^\^/, "")}`), name ?? "") : field;
}

/** Says the name of a field; names that consist of words are our own words. */
export const fieldName = (field: string): Sentence => {
  const name = shortName(field);
  return /^[A-Za-z ]+$/.test(name) ? [name] : name.startsWith("env ") ? say`env ${name.slice(4)}` : say`${name}`;
};
