import type * as k8s from "@pulumi/kubernetes";

type Container = Partial<k8s.types.input.core.v1.Container>;

/**
 * Escapes a text for `env`, `command` and `args` of a container, so that it arrives as it is written: Kubernetes turns
 * `$$` into `$`. A reference to a known variable, as in `$(PGHOST)`, arrives as its value, and `$$(PGHOST)` as `$(PGHOST)`.
 *
 * @param known names of the container's variables
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables
 */
export const asWritten = (text: string, known: ReadonlySet<string>): string =>
  text.replace(/\$?\$\(([-.\w]+)\)|\$/g, (match, name?: string) =>
    name !== undefined && known.has(name) ? match : match.replaceAll("$", "$$$$"),
  );

/**
 * Escapes the texts of a container: values of variables, command and arguments, which may refer to its variables, and the
 * commands of its probes, for which Kubernetes knows some of these only.
 *
 * @param secrets names of the variables in its Secret
 */
export function containerAsWritten<T extends Container>(container: T, secrets: readonly string[] = []): T {
  const env = (container.env ?? []) as k8s.types.input.core.v1.EnvVar[];
  const known = new Set([...env.map(({ name }) => String(name)), ...secrets]);
  const fields: Container = {};
  if (container.env) fields.env = env.map((variable) => escaped(variable, "value", known));
  for (const field of ["command", "args"] as const)
    if (container[field]) fields[field] = words(container[field], known);
  for (const field of ["startupProbe", "readinessProbe", "livenessProbe"] as const) {
    const probe = container[field] as k8s.types.input.core.v1.Probe | undefined;
    const { command } = (probe?.exec ?? {}) as k8s.types.input.core.v1.ExecAction;
    if (command) fields[field] = { ...probe, exec: { command: words(command, new Set()) } };
  }
  return { ...container, ...fields };
}

/** Outputs are the program's own values, such as names of objects: there is nothing to escape in them. */
const escaped = <T extends object>(object: T, field: keyof T, known: ReadonlySet<string>): T =>
  typeof object[field] === "string" ? { ...object, [field]: asWritten(object[field], known) } : object;

const words = <T>(list: T, known: ReadonlySet<string>): T =>
  (Array.isArray(list) ? list.map((word) => (typeof word === "string" ? asWritten(word, known) : word)) : list) as T;
