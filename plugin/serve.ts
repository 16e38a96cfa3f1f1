import * as pulumi from "@pulumi/pulumi";
import { construct } from "./components.ts";
import { packageSchema } from "./package-schema.ts";

// The engine reads the port from the first line of output, and passes its own address as the only argument.
const schema = packageSchema();
void pulumi.provider.main(
  { version: schema.version, schema: JSON.stringify(schema), construct },
  process.argv.slice(2),
);
