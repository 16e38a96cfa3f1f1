import type { conflicts } from "./building-blocks.ts";
import { circularReference, isInUrl, isSafeInUrl } from "./variable-references.ts";

type Commands = Readonly<Record<string, { readonly command: readonly string[] }>>;

/** The settings that can refer to variables. */
interface Settings {
  readonly web: {
    readonly environment: Readonly<Record<string, string>>;
    readonly command?: readonly string[];
    readonly migrate?: readonly string[];
  };
  readonly processes?: Commands;
  readonly schedules?: Commands;
  readonly databasePassword?: string;
}

/** Refuses variables that refer to themselves, and a reference to the database's password in a URL that it would break. */
export function referenceConflicts(settings: Settings, conflict: ReturnType<typeof conflicts>): void {
  const { environment } = settings.web;
  const circular = new Set<string>();
  for (const name of Object.keys(environment)) {
    const circle = circular.has(name) ? undefined : circularReference(name, environment);
    for (const each of circle ?? []) circular.add(each);
    if (circle)
      conflict(
        ["web", "environment", name],
        `text that does not refer to itself, as in ${circle.join(" → ")}; $$(${name}) arrives as the text $(${name})`,
      );
  }
  // Only the password may have other characters than a URL allows: the other values of the program are names.
  if (settings.databasePassword === undefined || isSafeInUrl(settings.databasePassword)) return;
  // Under another name too, as in PASSWORD: $(PGPASSWORD).
  const names = Object.keys(environment).filter((name) => /^\$\(PGPASSWORD\)$/.test(environment[name] ?? ""));
  for (const [path, text] of textsOf(settings))
    if (["PGPASSWORD", ...names].some((name) => isInUrl(name, text)))
      conflict(
        path,
        "a URL with $(PGPASSWORD_URL) instead of $(PGPASSWORD): slipway:databasePassword has other characters than letters, digits and - . _ ~",
        ["PGPASSWORD", ...names].reduce((url, name) => url.replaceAll(`$(${name})`, "$(PGPASSWORD_URL)"), String(text)),
      );
}

/** Texts that can refer to variables, each with its setting. Other settings may be wrong: then a command is no list. */
function textsOf({ web, processes = {}, schedules = {} }: Settings): [path: (string | number)[], text: string][] {
  const words = (path: string[], command: readonly string[] = []) =>
    [command].flat().map((word, index): [(string | number)[], string] => [[...path, index], word]);
  const commands = (setting: string, all: Commands) =>
    Object.entries(all).flatMap(([name, { command }]) => words([setting, name, "command"], command));
  return [
    ...Object.entries(web.environment).map(([name, text]): [string[], string] => [["web", "environment", name], text]),
    ...words(["web", "command"], web.command),
    ...words(["web", "migrate"], web.migrate),
    ...commands("processes", processes),
    ...commands("schedules", schedules),
  ];
}
