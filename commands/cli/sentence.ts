/** A value from outside this code: a name, a setting, a message. Each output format escapes it in its own way. */
export interface Untrusted {
  readonly value: string;
}

/** A sentence: our own words, and values from outside. */
export type Sentence = readonly (string | Untrusted)[];

/** Builds a sentence from a template. Strings in it are values from outside; numbers and sentences are our own words. */
export function say(words: TemplateStringsArray, ...values: readonly (Sentence | string | number)[]): Sentence {
  return words.flatMap((word, index) => {
    const value = values[index];
    const own = word === "" ? [] : [word];
    if (value === undefined) return own;
    if (typeof value === "object") return [...own, ...value];
    return [...own, typeof value === "number" ? String(value) : { value }];
  });
}

/** Returns a sentence as plain text, without characters that move the cursor. */
export const plainText = (sentence: Sentence): string =>
  sentence.map((part) => (typeof part === "string" ? part : visible(part.value))).join("");

/** Joins sentences. */
export const join = (sentences: readonly Sentence[], separator: string): Sentence =>
  sentences.flatMap((sentence, index) => (index === 0 ? sentence : [separator, ...sentence]));

/** Lists names; those beyond `most` are only counted. */
export function list(names: readonly string[], most = 6): Sentence {
  const first = join(
    names.slice(0, most).map((name) => say`${name}`),
    ", ",
  );
  return names.length > most ? [...first, ` and ${names.length - most} more`] : first;
}

/** Says the kind and the name of a resource; a kind that is a plain word is our own word. */
export const resourceName = ({ kind, name }: { readonly kind: string; readonly name: string }): Sentence =>
  say`${/^[A-Za-z]\w*$/.test(kind) ? [kind] : say`${kind}`} ${name}`;

/** Returns a number with its noun, as in `1 pod` and `2 pods`. */
export const count = (number: number, noun: string): string =>
  `${number.toLocaleString("en")} ${number === 1 ? noun : plural(noun)}`;

const plural = (noun: string): string => (/s$/.test(noun) ? `${noun}es` : `${noun}s`.replace(/([^aeiou])ys$/, "$1ies"));

/** Returns any value as text: on one line, without invisible characters, cut after `longest` characters. */
export function show(value: unknown, longest = 100): string {
  if (value === undefined || value === null) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text === unknown) return unknownText;
  const line = visible(text);
  if (line.length <= longest) return line;
  const rest = line.length - longest;
  return `${line.slice(0, longest).replace(/[\uD800-\uDBFF]$/, "")}… (${rest.toLocaleString("en")} more)`;
}

/** Pulumi's placeholder for a value that only the update will know. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Text shown for such a value. */
export const unknownText = "known after the update";

/** Escapes line ends, control characters, and characters that have no width or change the direction of the text. */
export const visible = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\n/g, "⏎")
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
