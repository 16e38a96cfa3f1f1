import { writeFileSync } from "node:fs";
import { Document } from "yaml";
import { allSettings, type SchemaNode } from "./all-settings.ts";

/** The reference of all settings; `npm run schema` writes it. */
export const settingsPageFile = "docs/settings.md";

interface Section {
  readonly title: string;
  /** Settings in this section, with everything below them that no other section names. */
  readonly settings: readonly string[];
  /** Name in place of NAME in the example. @default none is needed */
  readonly entry?: string;
  /** Other settings that the example needs. */
  readonly alsoInExample?: Readonly<Record<string, unknown>>;
}

const aws = { "aws:region": "eu-north-1", "slipway:owner": "team-noticeboard" };

const sections: readonly Section[] = [
  { title: "Cluster and namespace", settings: ["slipway:cluster", "slipway:namespace"] },
  { title: "Image", settings: ["slipway:release", "slipway:pullSecret"] },
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
  { title: "Further processes", settings: ["slipway:processes"], entry: "streaming" },
  { title: "Scheduled commands", settings: ["slipway:schedules"], entry: "clean-up" },
  {
    title: "Files",
    settings: ["slipway:web.volumes"],
    alsoInExample: { "slipway:web.replicas": 1 },
  },
  { title: "Accessories", settings: ["slipway:accessories", "slipway:accessorySecrets"] },
  { title: "Database", settings: ["slipway:database", "slipway:databasePassword"] },
  { title: "Database elsewhere", settings: ["slipway:database.external"] },
  { title: "Backups", settings: ["slipway:database.backups"] },
  {
    title: "Cluster in Amazon EKS",
    settings: ["slipway:cluster.eks", "slipway:owner"],
    alsoInExample: { ...aws, "slipway:web.host": "app.example.com" },
  },
  {
    title: "Existing cluster in Amazon EKS",
    settings: ["slipway:cluster.eks.existing"],
    alsoInExample: { ...aws, "slipway:cluster.eks.account": "111122223333" },
  },
  {
    title: "Repository in Amazon ECR",
    settings: ["slipway:ecr"],
    alsoInExample: {
      ...aws,
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
pulumi config set --stack dev --type string --path 'slipway:web.environment.DEBUG' false    # text, not true or false
pulumi config set --stack dev --secret databasePassword                          # a secret, stored encrypted
\`\`\`

The settings of AWS need \`aws:region\` as well; [aws.md](aws.md) says how to prepare an account.
`;

const isWithin = (path: string, setting: string) => path === setting || path.startsWith(`${setting}.`);

/** The sections of the page, each with its settings and with an example that has all of them. */
export function sectionsOfPage() {
  const prefixOf = (path: string) =>
    sections
      .flatMap(({ settings }) => settings)
      .filter((setting) => isWithin(path, setting))
      .sort((a, b) => b.length - a.length)[0];
  const all = allSettings();
  return sections.map(({ title, settings: prefixes, entry, alsoInExample = {} }) => {
    const settings = all.filter(({ path }) => prefixes.includes(prefixOf(path) ?? ""));
    const example = new Document({});
    const values = [...Object.entries(alsoInExample), ...settings.map(({ path, example }) => [path, example] as const)];
    for (const [path, value] of values.filter(([, value]) => value !== undefined))
      example.setIn(
        ["config", ...path.split(".").map((key) => (key === "NAME" ? entry : key))],
        example.createNode(value, { flow: Array.isArray(value) }),
      );
    return { title, settings, example };
  });
}

/** The page, as Markdown. */
export function settingsPage(): string {
  const parts = sectionsOfPage().map(({ title, settings, example }) => {
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
${example.toString({ lineWidth: 0, flowCollectionPadding: false })}\`\`\`
`;
  });
  return introduction + parts.join("");
}

function defaultOf({ default: value, properties }: SchemaNode): string {
  if (value === undefined) return "not set";
  if (properties) return "as below";
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  return typeof value === "object" && Object.keys(value ?? {}).length === 0 ? "none" : `\`${text}\``;
}

const inCell = (text = "") => text.replace(/[|*]/g, "\\$&");

if (import.meta.main) writeFileSync(settingsPageFile, settingsPage());
