import { environment } from "./paths.ts";

/** npm run -s env: prints what makes a shell's kubectl, pulumi and buildctl speak to the sandbox: eval "$(npm run -s env)". */
for (const [name, value] of Object.entries(environment())) {
  console.log(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
}
