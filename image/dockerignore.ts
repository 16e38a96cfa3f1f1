import { normalize } from "node:path/posix";
import { UserError } from "../settings/user-error.ts";

/** What is known of a path: whether it is left out, and which patterns hold for it or for a folder above it. */
export interface Verdict {
  readonly ignored: boolean;
  readonly matches: readonly boolean[];
}

interface Pattern {
  readonly text: string;
  /** Takes back what earlier patterns leave out: `!text`. */
  readonly exception: boolean;
  matches(path: string): boolean;
}

/**
 * The patterns of a .dockerignore file, read as BuildKit reads them, surprises included: the same order of steps as in
 * github.com/moby/patternmatcher (which patterns hold) and github.com/tonistiigi/fsutil (which folders are entered).
 */
export class Dockerignore {
  readonly #patterns: readonly Pattern[];

  /**
   * @param name of the file, for errors
   * @throws Error for what BuildKit refuses as well, such as a bracket that is never closed
   */
  constructor(text: string, name = ".dockerignore") {
    this.#patterns = patternLines(text, name).map((line) => parse(line, name));
  }

  /**
   * Judges a path; the one above it must have been judged before.
   *
   * @param path relative to the context, with forward slashes
   * @param above verdict on the folder that it lies in; none at the top
   * @throws Error where a pattern turns out not to be a valid one
   */
  judge(path: string, above?: Verdict): Verdict {
    let ignored = false;
    const matches = this.#patterns.map((pattern, index) => {
      const inherited = above?.matches[index] ?? false;
      // A pattern that could change nothing is not looked at, and so not inherited by what lies below either.
      const holds = inherited || (pattern.exception === ignored && pattern.matches(path));
      if (holds) ignored = !pattern.exception;
      return holds;
    });
    return { ignored, matches };
  }

  /** Whether some of what lies in an ignored folder may be taken back; if not, the folder is not even entered. */
  reaches(folder: string): boolean {
    const exceptions = this.#patterns.filter(({ exception }) => exception).map(({ text }) => withoutTrailingStar(text));
    const plain = exceptions.every((text) => !/[*[\]?^\\]/.test(text));
    return !plain || exceptions.some((text) => `${text}/`.startsWith(`${folder}/`));
  }
}

/** The patterns as they are written, without comments, blanks and leading slashes. */
function patternLines(text: string, name: string): string[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("#"))
    .map((line) => {
      // The same limit as BuildKit's; what is so long is no list of patterns.
      if (Buffer.byteLength(line) >= 65536)
        throw new UserError(`${name} has a line of 64 KiB or more: ${line.slice(0, 40)}…`);
      return trim(line);
    })
    .filter((line) => line !== "")
    .map((line) => (line.startsWith("!") ? `!${fromTop(trim(line.slice(1)))}` : fromTop(line)));
}

/** Without white space around: what Unicode calls so, which is not quite what String.trim takes away. */
function trim(text: string): string {
  return text.replace(/^(?:(?!\uFEFF)[\s\u0085])+|(?:(?!\uFEFF)[\s\u0085])+$/g, "");
}

function fromTop(path: string): string {
  const clean = path === "" ? "" : cleaned(path);
  return clean.length > 1 && clean.startsWith("/") ? clean.slice(1) : clean;
}

function cleaned(path: string): string {
  return normalize(path).replace(/(?<=.)\/$/s, "");
}

function withoutTrailingStar(text: string): string {
  return text.replace(/\/\*\*$/, "").replace(/\/\*$/, "");
}

function parse(line: string, name: string): Pattern {
  const clean = cleaned(line);
  const exception = clean.startsWith("!");
  const text = exception ? clean.slice(1) : clean;
  if (text === "") throw new UserError(`${name} has an exclamation mark with no pattern behind it`);
  if (!wellFormed.test(text))
    throw new UserError(`${name}: the pattern ${line} is not complete; see to its brackets and backslashes`);
  let matcher: Pattern["matches"] | undefined;
  return {
    text,
    exception,
    matches(path) {
      matcher ??= compile(text, name);
      return matcher(path);
    },
  };
}

/** Go's filepath.Match: brackets hold characters and ranges, at least one; a backslash has a character behind it. */
const wellFormed = (() => {
  const character = String.raw`(?:\\.|[^\\\]-])`;
  const brackets = String.raw`\[(?:\^|(?!\^))(?:${character}(?:-${character})?)+\]`;
  return new RegExp(String.raw`^(?:\\.|${brackets}|[^\\[])*$`, "su");
})();

/** Turns a pattern into a test of whole paths. @throws Error where it can't be one */
function compile(text: string, name: string): Pattern["matches"] {
  let kind: "exact" | "start" | "end" | "expression" = "exact";
  let expression = "";
  const tokens = text.match(/\*\*\/?|\\.|./gsu) ?? [];
  for (const [index, token] of tokens.entries()) {
    if (token.startsWith("**")) {
      const last = index === tokens.length - 1;
      expression += last ? "[^\\n]*" : "([^\\n]*/)?";
      kind = last && kind === "exact" ? "start" : "expression";
      if (index === 0) kind = "end";
    } else if (token === "*" || token === "?") {
      expression += token === "*" ? "[^/]*" : "[^/]";
      kind = "expression";
    } else if (/^[.+()$]$/.test(token)) {
      // Not so | and {}: BuildKit means to take them literally, but leaves them to the regular expression.
      expression += `\\${token}`;
    } else {
      expression += token;
      if (/^[\\[\]]/.test(token)) kind = "expression";
    }
  }
  if (kind === "exact") return (path) => path === text;
  if (kind === "start") return (path) => path.startsWith(text.slice(0, -2));
  if (kind === "end") return (path) => path.endsWith(text.slice(2)) || (text[2] === "/" && path === text.slice(3));
  const regexp = toRegExp(expression, `${name}: the pattern ${text}`);
  return (path) => regexp.test(path);
}

/** Gives an expression that is written for Go's regular expressions the same meaning here. */
function toRegExp(expression: string, pattern: string): RegExp {
  const escaped = (token: string) => {
    const character = token.slice(1);
    if (/^[dDwWfnrtv]$/.test(character)) return token;
    if (/^[^\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e\s]/.test(character)) {
      throw new UserError(`${pattern} has a backslash before ${character}, which needs none`);
    }
    return /[\^$\\.*+?()[\]{}|/-]/.test(character) ? token : character;
  };
  const pieces = /(\[\^?)(\]?(?:\\.|[^\\\]])*)\]|\\.|\{(?:0|[1-9]\d*)(?:,(?:0|[1-9]\d*)?)?\}|[\]{}]/gsu;
  const source = expression.replace(pieces, (token, start?: string, held = "") => {
    if (/^[\]{}]$/.test(token)) return `\\${token}`;
    if (token.startsWith("{")) return token;
    if (start === undefined) return token === "\\-" ? "-" : escaped(token);
    if (held.includes("[:")) throw new UserError(`${pattern} names a class of characters; list them instead`);
    return `${start}${held.replace(/^\]/, "\\]").replace(/\\./gsu, escaped)}]`;
  });
  try {
    return new RegExp(`^${source}$`, "u");
  } catch {
    throw new UserError(`${pattern} is not a valid one; see to its brackets`);
  }
}
