import { UserError } from "../settings/user-error.ts";

/** Values of variables, by name. */
export type Variables = Readonly<Record<string, string>>;

/**
 * Splits an instruction's arguments into words, with their quotes.
 *
 * @param escapeCharacter the Dockerfile's escape character
 */
export function splitWords(text: string, escapeCharacter = "\\"): string[] {
  const sign = escapeCharacter === "\\" ? "\\\\" : escapeCharacter;
  const escaped = `${sign}[\\s\\S]`;
  const word = new RegExp(`(?:${escaped}|'[^']*'|"(?:${escaped}|[^"${sign}])*"|[^\\s'"${sign}])+`, "g");
  return text.match(word) ?? [];
}

/**
 * Expands a word as BuildKit does: quotes, escapes, `$NAME`, `${NAME}`, and the forms of a POSIX shell with `:-` `-` `:+`
 * `+` `:?` `?` `#` `##` `%` `%%` `/` `//`.
 *
 * @param escapeCharacter the Dockerfile's escape character
 * @throws UserError if it is not well-formed, or a variable that it requires is not set
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/shell/lex.go
 */
export function expandWord(word: string, variables: Variables, escapeCharacter = "\\"): string {
  return new Expansion(word, variables, escapeCharacter).until();
}

class Expansion {
  readonly #characters: string[];
  readonly #word: string;
  readonly #variables: Variables;
  readonly #escapeCharacter: string;
  #at = 0;

  constructor(word: string, variables: Variables, escapeCharacter: string) {
    this.#word = word;
    this.#characters = [...word];
    this.#variables = variables;
    this.#escapeCharacter = escapeCharacter;
  }

  /** Expands up to a character, or to the end. @param raw whether escape characters stay, as patterns need */
  until(end?: string, raw = false): string {
    let result = "";
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (next === end) return result;
      if (next === "'") result += this.#singleQuoted();
      else if (next === '"') result += this.#doubleQuoted(raw);
      else if (next === "$") result += this.#variable();
      else if (next === this.#escapeCharacter) result += (raw ? next : "") + (this.#next() ?? "");
      else result += next;
    }
    if (end !== undefined) throw this.#problem(`has no ${end}`);
    return result;
  }

  #next = (): string | undefined => this.#characters[this.#at++];
  #peek = (): string | undefined => this.#characters[this.#at];

  #singleQuoted(): string {
    const end = this.#characters.indexOf("'", this.#at);
    if (end < 0) throw this.#problem("has no closing '");
    const text = this.#characters.slice(this.#at, end).join("");
    this.#at = end + 1;
    return text;
  }

  #doubleQuoted(raw: boolean): string {
    let result = "";
    for (let next = this.#next(); next !== '"'; next = this.#next()) {
      if (next === undefined) throw this.#problem('has no closing "');
      if (next === "$") result += this.#variable();
      else if (next === this.#escapeCharacter && ['"', "$", this.#escapeCharacter].includes(this.#peek() ?? ""))
        result += (raw ? next : "") + this.#next();
      else result += next;
    }
    return result;
  }

  #variable(): string {
    if (this.#peek() !== "{") {
      const name = this.#name();
      return name === "" ? "$" : (this.#value(name) ?? "");
    }
    this.#at++;
    const name = this.#name();
    const value = this.#value(name);
    const sign = this.#next();
    if (name !== "" && sign === "}") return value ?? "";
    if (name !== "" && sign === "/") return this.#replaced(value ?? "");
    const colon = sign === ":";
    const form = colon ? this.#next() : sign;
    if (name === "" || !form || !(colon ? "-+?" : "-+?#%").includes(form)) throw this.#problem("can't be expanded");
    const isPattern = form === "#" || form === "%";
    const word = this.until("}", isPattern);
    if (isPattern) return trimmed(value ?? "", form, word);
    const isSet = value !== undefined && !(colon && value === "");
    if (form === "-") return isSet ? value : word;
    if (form === "+") return isSet ? word : "";
    if (!isSet) throw this.#problem(`needs ${name}${word && `: ${word}`}`);
    return value;
  }

  #name(): string {
    const rest = this.#characters.slice(this.#at).join("");
    const name = /^(?:\d+|[@*#?$!-]|[\p{L}_][\p{L}\p{Nd}_]*)/u.exec(rest)?.[0] ?? "";
    this.#at += [...name].length;
    return name;
  }

  #value = (name: string): string | undefined =>
    Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined;

  #replaced(value: string): string {
    const all = this.#peek() === "/";
    if (all) this.#at++;
    const pattern = this.until("/", true);
    const replacement = this.until("}", true);
    const matcher = new RegExp(toRegExp(pattern, true), all ? "gsu" : "su");
    return value.replace(matcher, () => replacement);
  }

  #problem = (what: string) => new UserError(`${this.#word} in the Dockerfile ${what}`);
}

/** Removes what a pattern matches from the beginning (`#`) or the end (`%`): the shortest match, or the longest if the sign is doubled. */
function trimmed(value: string, sign: string, word: string): string {
  const longest = word.startsWith(sign);
  const pattern = longest ? word.slice(1) : word;
  if (sign === "#") return value.replace(new RegExp(`^(?:${toRegExp(pattern, longest)})`, "su"), "");
  const whole = new RegExp(`^(?:${toRegExp(pattern, true)})$`, "su");
  const starts = [...Array(value.length + 1).keys()].filter((at) => whole.test(value.slice(at)));
  const at = longest ? starts[0] : starts.at(-1);
  return at === undefined ? value : value.slice(0, at);
}

/** Translates a shell's pattern, in which only `*` and `?` are special. */
const toRegExp = (pattern: string, greedy: boolean): string =>
  (pattern.match(/\\[\s\S]|[\s\S]/gu) ?? [])
    .map((token) => {
      if (token === "*") return greedy ? ".*" : ".*?";
      if (token === "?") return ".";
      return (token.length > 1 && token.startsWith("\\") ? token.slice(1) : token).replace(
        /[\\^$.*+?()[\]{}|]/g,
        "\\$&",
      );
    })
    .join("");
