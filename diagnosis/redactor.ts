/** Replaces a secret value. */
const redacted = "[secret]";

/** A shorter value is hidden only as a whole word, since any text may contain it. */
const minLength = 4;

/**
 * Creates a function that hides secret values in a text: plain, escaped, URL-encoded, in base64 (also as part of a longer
 * encoded text) or in hexadecimal. Hides each line of a value with several lines, because logs have single lines.
 */
export function redactor(values: Iterable<string>): (text: string) => string {
  const lines = [...values].flatMap((value) => value.split(/\r?\n/).map((line) => line.trim()));
  // The longest first, because one value may contain another.
  const secrets = [...new Set(lines)].filter((line) => line !== "").sort((a, b) => b.length - a.length);
  if (secrets.length === 0) return (text) => text;
  const pattern = new RegExp(secrets.flatMap(encodings).join("|"), "g");
  return (text) => text.replace(pattern, redacted);
}

function encodings(value: string): string[] {
  if (value.length < minLength) return [`(?<![A-Za-z0-9])${literal(value)}(?![A-Za-z0-9])`];
  return [escapedOrPercent(value), ...base64(value), anyCase(Buffer.from(value).toString("hex"))];
}

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
