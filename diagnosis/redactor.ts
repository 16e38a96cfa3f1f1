/** Replaces a secret value. */
const redacted = "[secret]";

/** A shorter value is hidden only as a whole word, since any text may contain it. */
const minLength = 4;

/**
 * Creates a function that hides secret values in a text: plain, escaped, URL-encoded, in base64 (also as part of a longer
 * encoded text) or in hexadecimal. Hides each line of a value with several lines, because logs have single lines. Hides the
 * pieces of a value that a URL ends at, because parsers report them.
 */
export function redactor(values: Iterable<string>): (text: string) => string {
  const all = [...values];
  const lines = all.flatMap((value) => [value, ...passwordsIn(value)]).flatMap((value) => value.split(/\r?\n/));
  const secrets = longestFirst(lines.map((line) => line.trim()));
  if (secrets.length === 0) return (text) => text;
  const pieces = longestFirst(all.flatMap(piecesOf)).map(wholeWord);
  const pattern = new RegExp([...secrets.flatMap(encodings), ...pieces].join("|"), "g");
  return (text) => text.replace(pattern, redacted);
}

/** One value may contain another. */
const longestFirst = (values: string[]): string[] =>
  [...new Set(values)].filter((value) => value !== "").sort((a, b) => b.length - a.length);

/** Password in a URL, as it is written and decoded; the URL may be wrong because of it, as in `postgres://shop:a/b@db`. */
function passwordsIn(value: string): string[] {
  const [, password] = /^[a-z][a-z0-9+.-]*:\/\/[^:/?#@]*:(.+)@/i.exec(value) ?? [];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

/**
 * Pieces of a value, or of the password in it if it is a URL, between characters that mean something in a URL: a parser
 * takes `abcd` of `postgres://shop:abcd/efgh@db` for a port, and reports that. Texts and JSON have no such pieces.
 */
function piecesOf(value: string): string[] {
  const passwords = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? passwordsIn(value) : [value];
  return passwords
    .filter((password) => !/[\s"{}]/.test(password))
    .flatMap((password) => password.split(/[/?#@:&\\[\]]/))
    .filter((piece) => piece.length >= minLength);
}

function encodings(value: string): string[] {
  if (value.length < minLength) return [wholeWord(value)];
  return [escapedOrPercent(value), ...base64(value), anyCase(Buffer.from(value).toString("hex"))];
}

const wholeWord = (text: string): string => `(?<![A-Za-z0-9])${escapedOrPercent(text)}(?![A-Za-z0-9])`;

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

/** Each character plain, after a backslash, or as `%XX`: encoders differ in which characters they encode. */
function escapedOrPercent(value: string): string {
  return Array.from(value, (character) => {
    const bytes = [...Buffer.from(character)].map((byte) => `%${anyCase(byte.toString(16).padStart(2, "0"))}`);
    const forms = [`\\\\{0,2}${literal(character)}`, bytes.join("")];
    if (character === " ") forms.push("\\+");
    return `(?:${forms.join("|")})`;
  }).join("");
}

/** The fixed part of a value's base64, for each of the three offsets in a group of bytes. */
function base64(value: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
    const whole = Math.floor((bytes.length * 8) / 6);
    // The first letters depend on the bytes before; a letter that depends on the bytes after is beyond `whole`.
    const fixed = bytes.toString("base64").slice(Math.ceil((offset * 8) / 6), whole);
    return fixed.length < minLength ? [] : [literal(fixed).replaceAll("\\+", "[+-]").replaceAll("\\/", "[/_]")];
  });
}

const anyCase = (text: string): string => text.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
