import { writeFileSync } from "node:fs";
import { Document, visit } from "yaml";
import { z } from "zod";
import { schema, secretKeys } from "./schema.ts";

/** The reference of all settings; `npm run schema` writes it. */
export const settingsPageFile = "docs/settings.md";

interface Section {
  readonly title: string;
  /** Settings in this section, with everything below them that no other section names. */
  readonly settings: readonly string[];
  /** Other settings that the example needs. */
  readonly alsoInExample?: Readonly<Record<string, unknown>>;
}

const sections: readonly Section[] = [
  { title: "Cluster and namespace", settings: ["slipway:cluster", "slipway:namespace"] },
  { title: "Image", settings: ["slipway:release"] },
  { title: "Build", settings: ["slipway:release.build", "slipway:buildSecrets"] },
  {
    title: "Promotion",
    settings: ["slipway:release.promoteFrom", "slipway:release.breakGlass"],
    alsoInExample: { "slipway:release.repository": "registry.example.com/team/app", "slipway:release.name": "v1.17" },
  },
  { title: "Application", settings: ["slipway:web", "slipway:secrets"] },
  {
    title: "Ingress and certificate",
    settings: ["host", "ingressClass", "ingressAnnotations", "tls", "allowFrom"].map((key) => `slipway:web.${key}`),
  },
  { title: "Access without an ingress", settings: ["slipway:web.nodePort"] },
  { title: "Database", settings: ["slipway:database", "slipway:databasePassword"] },
  { title: "Backups", settings: ["slipway:database.backups"] },
  {
    title: "Cluster in Amazon EKS",
    settings: ["slipway:cluster.eks", "slipway:owner"],
    alsoInExample: { "aws:region": "eu-north-1", "slipway:web.host": "app.example.com" },
  },
  {
    title: "Existing cluster in Amazon EKS",
    settings: ["slipway:cluster.eks.existing"],
    alsoInExample: {
      "aws:region": "eu-north-1",
      "slipway:owner": "team-noticeboard",
      "slipway:cluster.eks.account": "111122223333",
    },
  },
  {
    title: "Repository in Amazon ECR",
    settings: ["slipway:ecr"],
    alsoInExample: {
      "aws:region": "eu-north-1",
      "slipway:owner": "team-noticeboard",
      "slipway:release.repository": "111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/app",
    },
  },
];

const introduction = `# Settings

<!-- Written by \`npm run schema\` from settings/. Edit the descriptions there. -->

All settings of an environment, in \`Pulumi.STACK.yaml\`. Editors with a YAML language server complete and check them. A wrong setting ends
\`pulumi preview\` before anything is contacted, with a message that says what is allowed.

\`\`\`
pulumi config set --stack dev --path 'slipway:web.port' 8000
pulumi config set --stack dev --path 'slipway:web.allowFrom[0]' ingress-nginx    # an entry of a list
pulumi config set --stack dev --secret databasePassword                          # a secret, stored encrypted
\`\`\`

The settings of AWS need \`aws:region\` as well; [aws.md](aws.md) says how to prepare an account.
`;

interface SchemaNode {
  description?: string;
  default?: unknown;
  examples?: unknown[];
  properties?: Record<string, SchemaNode>;
  required?: string[];
  anyOf?: SchemaNode[];
  items?: SchemaNode;
  /** The text of errors. */
  allowed?: string;
}

interface Setting {
  readonly path: string;
  readonly node: SchemaNode;
  readonly required: boolean;
  /** Undefined for a group, and for an alternative to the example of its parent. */
  readonly example?: unknown;
}

/** Every setting, groups included, in the order of the schema. */
export function allSettings(): Setting[] {
  const root = z.toJSONSchema(schema, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      jsonSchema.allowed = z.safeParse(zodSchema, Symbol("nothing allows this")).error?.issues[0]?.message;
      // Zod leaves both out if the schema transforms its input.
      jsonSchema.examples ??= z.globalRegistry.get(zodSchema)?.examples as never;
      if (zodSchema._zod.def.type === "default")
        jsonSchema.default ??= (zodSchema._zod.def as z.core.$ZodDefaultDef).defaultValue as never;
    },
  });
  return settingsIn("slipway:", root as SchemaNode);
}

function settingsIn(prefix: string, { properties = {}, required = [] }: SchemaNode, withExamples = true): Setting[] {
  return Object.entries(properties).flatMap(([key, node]) => {
    const path = `${prefix}${key}`;
    const example = withExamples ? exampleOf(key, node) : undefined;
    const group = node.properties ? node : node.anyOf?.find(({ properties }) => properties);
    const nested = group ? settingsIn(`${path}.`, group, withExamples && example === undefined) : [];
    return [{ path, node, required: required.includes(key), example }, ...nested];
  });
}

function exampleOf(key: string, { examples, items }: SchemaNode): unknown {
  const secure = { secure: "v1:…" };
  if (key === "databasePassword") return secure;
  const example = examples?.[0] ?? (items?.examples && [items.examples[0]]);
  if (!secretKeys.includes(key)) return example;
  return Object.fromEntries(Object.keys(example as object).map((name) => [name, secure]));
}

const isWithin = (path: string, setting: string) => path === setting || path.startsWith(`${setting}.`);

/** The sections of the page, each with its settings and with an example that has all of them. */
export function sectionsOfPage() {
  const prefixOf = (path: string) =>
    sections
      .flatMap(({ settings }) => settings)
      .filter((setting) => isWithin(path, setting))
      .sort((a, b) => b.length - a.length)[0];
  const all = allSettings();
  return sections.map(({ title, settings: prefixes, alsoInExample = {} }) => {
    const settings = all.filter(({ path }) => prefixes.includes(prefixOf(path) ?? ""));
    const config: Record<string, unknown> = {};
    for (const [path, example] of [
      ...Object.entries(alsoInExample),
      ...settings.map(({ path, example }) => [path, example] as const),
    ])
      if (example !== undefined) setAt(config, path.split("."), example);
    return { title, settings, config };
  });
}

function setAt(config: Record<string, unknown>, [key = "", ...rest]: string[], value: unknown): void {
  if (rest.length === 0) config[key] = value;
  else {
    config[key] ??= {};
    setAt(config[key] as Record<string, unknown>, rest, value);
  }
}

export function settingsPage(): string {
  const parts = sectionsOfPage().map(({ title, settings, config }) => {
    const rows = settings.map(({ path, node, required }) => {
      const [, description = "", inWords] = /^(.*?)(?: Default: (.*)\.)?$/.exec(node.description ?? "") ?? [];
      const value = required ? "required" : (inWords ?? defaultOf(node));
      return `| \`${path}\` | ${inCell(description)} | ${inCell(node.allowed)} | ${value} |`;
    });
    return `
## ${title}

| setting | description | allowed | default |
| --- | --- | --- | --- |
${rows.join("\n")}

\`\`\`yaml
${yaml({ config })}\`\`\`
`;
  });
  return introduction + parts.join("");
}

function defaultOf({ default: value, properties }: SchemaNode): string {
  if (value === undefined) return "not set";
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  if (properties) return "as below";
  return typeof value === "object" && Object.keys(value ?? {}).length === 0 ? "none" : `\`${text}\``;
}

const inCell = (text = "") => text.replace(/[|*]/g, "\\$&");

function yaml(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Seq(_, list) {
      list.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

if (import.meta.main) writeFileSync(settingsPageFile, settingsPage());
