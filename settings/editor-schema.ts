import { writeFileSync } from "node:fs";
import { z } from "zod";
import { schema, secretKeys } from "./schema.ts";

/** The file that a stack file's first line names; `npm run schema` writes it. */
export const editorSchemaFile = "Pulumi.schema.json";

/** JSON Schema of a stack file, for completion and checks in editors (https://github.com/redhat-developer/yaml-language-server). */
export function editorSchema(): object {
  const { properties = {}, required } = z.toJSONSchema(schema, { io: "input" });
  const encrypted = { type: "object", properties: { secure: { type: "string" } }, required: ["secure"] };
  const settings = Object.entries(properties).map(([key, setting]) => {
    const description = typeof setting === "object" ? setting.description : undefined;
    if (!secretKeys.includes(key)) return [`slipway:${key}`, setting];
    if (key === "databasePassword") return [`slipway:${key}`, { description, ...encrypted }];
    // A group has one encrypted setting; a mapping has names of the user's choice.
    const names = typeof setting === "object" ? setting.properties : undefined;
    const value = names
      ? { ...(setting as object), properties: { ...names, password: encrypted } }
      : encryptedIn(setting, encrypted);
    return [`slipway:${key}`, { description, ...value }];
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Settings of one environment",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(settings),
        required: required?.map((key) => `slipway:${key}`),
        // Settings of other packages, as in aws:region, are theirs to check.
        patternProperties: { "^(?!slipway:)": {} },
        additionalProperties: false,
      },
    },
  };
}

/** Mapping whose values are encrypted, one level below or two. */
function encryptedIn(setting: unknown, encrypted: object): object {
  const { additionalProperties: entry } = setting as { additionalProperties?: object };
  const isNested = entry !== undefined && "additionalProperties" in entry;
  return { type: "object", additionalProperties: isNested ? encryptedIn(entry, encrypted) : encrypted };
}

if (import.meta.main) writeFileSync(editorSchemaFile, `${JSON.stringify(editorSchema(), null, 2)}\n`);
