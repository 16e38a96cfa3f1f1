import { environment } from "./paths.ts";

/** npm run -s env: prints the variables with which kubectl, pulumi and buildctl reach the sandbox: eval "$(npm run -s env)". */
for (const [name, value] of Object.entries(environment())) {
  console.log(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
}
