/** Stands where a secret value stood. */
const redacted = "[secret]";

/** A value shorter than this is hidden only where it stands alone: it would be found inside any word. */
const shortest = 4;

/**
 * A function that hides secret values in a text, however they are written there: as they are, escaped, URL-encoded,
 * in base64 (also inside a longer text that was encoded) or in hexadecimal. Of a value of several lines each line is
 * one to hide, since a log has it line by line.
 *
 * @param values the secret values
 */
export function redactor(values: Iterable<string>): (text: string) => string {
  const lines = [...values].flatMap((value) => value.split(/\r?\n/).map((line) => line.trim()));
  // The longest first: one value may contain another.
  const known = [...new Set(lines)].filter((line) => line !== "").sort((a, b) => b.length - a.length);
  if (known.length === 0) return (text) => text;
  const pattern = new RegExp(known.flatMap(spellings).join("|"), "g");
  return (text) => text.replace(pattern, redacted);
}

function spellings(value: string): string[] {
  if (value.length < shortest) return [`(?<![A-Za-z0-9])${literal(value)}(?![A-Za-z0-9])`];
  return [escapedOrPercent(value), ...base64(value), anyCase(Buffer.from(value).toString("hex"))];
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

/** Each character as it is, after a backslash, or as `%XX`: encoders differ in what they leave alone. */
function escapedOrPercent(value: string): string {
  return Array.from(value, (character) => {
    const bytes = [...Buffer.from(character)].map((byte) => `%${anyCase(byte.toString(16).padStart(2, "0"))}`);
    const forms = [`\\\\{0,2}${literal(character)}`, bytes.join("")];
    if (character === " ") forms.push("\\+");
    return `(?:${forms.join("|")})`;
  }).join("");
}

/** What is certain of a value in base64, for each of the three places in a group of bytes where it may begin. */
function base64(value: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
    const whole = Math.floor((bytes.length * 8) / 6);
    // The first letters hold bits of what came before; a letter that holds bits of what follows is beyond `whole`.
    const certain = bytes.toString("base64").slice(Math.ceil((offset * 8) / 6), whole);
    return certain.length < shortest ? [] : [literal(certain).replaceAll("\\+", "[+-]").replaceAll("\\/", "[/_]")];
  });
}

const anyCase = (text: string): string => text.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
