import { basename, normalize } from "node:path/posix";
import { UserError } from "../settings/user-error.ts";

/** Whether a path is ignored, and which patterns match it or a folder above it. */
export interface Verdict {
  readonly ignored: boolean;
  readonly matches: readonly boolean[];
}

interface Pattern {
  readonly text: string;
  /** Includes again what earlier patterns ignore: `!text`. */
  readonly exception: boolean;
  matches(path: string): boolean;
}

/**
 * The patterns of a .dockerignore file, with BuildKit's own surprises: the same steps in the same order as in
 * github.com/moby/patternmatcher (which patterns match) and github.com/tonistiigi/fsutil (which folders are entered).
 */
export class Dockerignore {
  readonly #patterns: readonly Pattern[];
  readonly #file: string;

  /**
   * @param name of the file, for errors
   * @throws UserError for a pattern that BuildKit refuses too, such as one with an unclosed bracket
   */
  constructor(text: string, name = ".dockerignore") {
    this.#patterns = patternLines(text, name).map((line) => parse(line, name));
    this.#file = name;
  }

  /**
   * Judges a path.
   *
   * @param path relative to the context, with forward slashes
   * @param parent verdict on the folder that contains it; none at the top
   * @throws UserError if a pattern is not valid
   */
  judge(path: string, parent?: Verdict): Verdict {
    let ignored = false;
    const matches = this.#patterns.map((pattern, index) => {
      const inherited = parent?.matches[index] ?? false;
      // A pattern that could change nothing is not evaluated, so paths below do not inherit it either.
      const isMatch = inherited || (pattern.exception === ignored && pattern.matches(path));
      if (isMatch) ignored = !pattern.exception;
      return isMatch;
    });
    return { ignored, matches };
  }

  /** Whether an exception may match inside an ignored folder; if not, the folder is not entered. */
  mayInclude(folder: string): boolean {
    const exceptions = this.#patterns.filter(({ exception }) => exception).map(({ text }) => withoutTrailingStar(text));
    const plain = exceptions.every((text) => !/[*[\]?^\\]/.test(text));
    return !plain || exceptions.some((text) => `${text}/`.startsWith(`${folder}/`));
  }

  /** Whether an exception has a path's own name: `!.git` and `!.git/HEAD` have that of `.git`, `!*` has not. */
  names(path: string): boolean {
    return this.#patterns.some(({ text, exception }) => {
      const parts = text.split("/");
      const end = parts.indexOf(basename(path)) + 1;
      return exception && end > 0 && compile(parts.slice(0, end).join("/"), this.#file)(path);
    });
  }
}

/** Reads the patterns, without comments, blanks and leading slashes. */
function patternLines(text: string, name: string): string[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("#"))
    .map((line) => {
      // BuildKit's own limit.
      if (Buffer.byteLength(line) >= 65536)
        throw new UserError(`${name} has a line of 64 KiB or more: ${line.slice(0, 40)}…`);
      return trim(line);
    })
    .filter((line) => line !== "")
    .map((line) => (line.startsWith("!") ? `!${fromTop(trim(line.slice(1)))}` : fromTop(line)))
    .map(trim) // of what a leading slash has hidden, as in `/ name`
    .filter((line) => line !== "");
}

/** Removes surrounding white space as Unicode defines it, which differs from `String.trim`. */
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
  if (text === "") throw new UserError(`${name} has an exclamation mark with no pattern after it`);
  if (!wellFormed.test(text))
    throw new UserError(`${name}: the pattern ${line} is not complete; check its brackets and backslashes`);
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

/** Syntax of Go's filepath.Match: brackets contain characters and ranges, at least one; a character follows a backslash. */
const wellFormed = (() => {
  const character = String.raw`(?:\\.|[^\\\]-])`;
  const brackets = String.raw`\[(?:\^|(?!\^))(?:${character}(?:-${character})?)+\]`;
  return new RegExp(String.raw`^(?:\\.|${brackets}|[^\\[])*$`, "su");
})();

/** Turns a pattern into a test of whole paths. @throws UserError if it is not valid */
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
      // BuildKit means to escape | and {} too, but leaves them to the regular expression.
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

/** Translates a regular expression from Go's syntax. */
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
  const source = expression.replace(pieces, (token, start?: string, members = "") => {
    if (/^[\]{}]$/.test(token)) return `\\${token}`;
    if (token.startsWith("{")) return token;
    if (start === undefined) return token === "\\-" ? "-" : escaped(token);
    if (members.includes("[:")) throw new UserError(`${pattern} names a class of characters; list them instead`);
    return `${start}${members.replace(/^\]/, "\\]").replace(/\\./gsu, escaped)}]`;
  });
  try {
    return new RegExp(`^${source}$`, "u");
  } catch {
    throw new UserError(`${pattern} is not valid; check its brackets`);
  }
}
