/** Reference to a variable, as in `$(PGHOST)`. After another `$` it is text. */
const reference = /(?<!\$)\$\(([-.\w]+)\)/g;

/** Names of the variables that a text refers to, as in `$(PGHOST)`; `$$(PGHOST)` is text. Anything but a text has none. */
export const referencesIn = (text: unknown): string[] =>
  typeof text === "string" ? [...text.matchAll(reference)].map(([, name = ""]) => name) : [];

/** Variables in an order that Kubernetes can expand: each after those that its value refers to; else in the given order. */
export function inOrderOfReferences(variables: Readonly<Record<string, string>>): [name: string, value: string][] {
  const ordered = new Map<string, string>();
  const begun = new Set<string>();
  const add = (name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined || begun.has(name)) return;
    begun.add(name);
    for (const other of referencesIn(value)) add(other);
    ordered.set(name, value);
  };
  for (const name of Object.keys(variables)) add(name);
  return [...ordered];
}

/** Finds a variable that refers to itself. @returns the names on the way, as in `[A, B, A]`; undefined without one */
export function circularReference(name: string, variables: Readonly<Record<string, string>>): string[] | undefined {
  const seen = new Set<string>();
  const follow = (path: readonly string[]): string[] | undefined => {
    for (const next of referencesIn(variables[path.at(-1) ?? ""] ?? "")) {
      if (next === name) return [...path, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = follow([...path, next]);
      if (found) return found;
    }
    return undefined;
  };
  return follow([name]);
}

/** Checks whether a text is the same in a URL: it has only characters that RFC 3986 calls unreserved. */
export const isSafeInUrl = (text: string): boolean => /^[A-Za-z0-9._~-]*$/.test(text);

/** Checks whether a text has a variable within a URL, as in `postgres://$(PGUSER):$(PGPASSWORD)@db`. */
export const isInUrl = (variable: string, text: unknown): boolean =>
  String(text)
    .split(/\s/)
    .some((word) => word.includes("://") && referencesIn(word.slice(word.indexOf("://"))).includes(variable));
