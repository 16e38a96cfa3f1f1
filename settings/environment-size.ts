import { type conflicts, sizeOf } from "./building-blocks.ts";

type Values = Readonly<Record<string, string>>;

/** Linux' limit of one variable, with its name, the = and the byte at its end. */
const variableLimit = 128 * 1024;

/** Kubernetes' limit of a Secret, and of what fits into an object with room for the rest of it. */
const totalLimit = 1024 * 1024;

interface Environments {
  readonly web: { readonly environment: Values };
  readonly secrets: Values;
  readonly accessories: Readonly<Record<string, { readonly environment: Values }>>;
  readonly accessorySecrets: Readonly<Record<string, Values>>;
}

/** Refuses variables that Linux would refuse when the container starts, and more of them than Kubernetes stores. */
export function refuseLargeEnvironments(
  { web, secrets, accessories, accessorySecrets }: Environments,
  conflict: ReturnType<typeof conflicts>,
): void {
  const groups: [path: string[], values: Values][] = [
    [["web", "environment"], web.environment],
    [["secrets"], secrets],
    ...Object.entries(accessories).map(([name, { environment }]): [string[], Values] => [
      ["accessories", name, "environment"],
      environment,
    ]),
    ...Object.entries(accessorySecrets).map(([name, values]): [string[], Values] => [
      ["accessorySecrets", name],
      values,
    ]),
  ];
  for (const [path, values] of groups) {
    for (const [name, value] of Object.entries(values))
      if (sizeOf({ [name]: value }) + 2 > variableLimit)
        conflict([...path, name], "at most 128 KiB with its name, as Linux accepts it; put longer text into the image");
    if (sizeOf(values) > totalLimit) conflict(path, "at most 1 MiB altogether, as Kubernetes stores it");
  }
}
