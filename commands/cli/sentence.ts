/** A value from elsewhere: a name, a setting, a message. Each form of the comment makes it harmless in its own way. */
export interface Foreign {
  readonly value: string;
}

/** A sentence: words of ours as they are, and values from elsewhere. */
export type Sentence = readonly (string | Foreign)[];

/**
 * Builds a sentence: the template's own text is ours, every string in it is a value from elsewhere. Numbers and other
 * sentences are taken in as they are.
 */
export function say(words: TemplateStringsArray, ...values: readonly (Sentence | string | number)[]): Sentence {
  return words.flatMap((word, place) => {
    const value = values[place];
    const own = word === "" ? [] : [word];
    if (value === undefined) return own;
    if (typeof value === "object") return [...own, ...value];
    return [...own, typeof value === "number" ? String(value) : { value }];
  });
}

/** Sentences one behind the other. */
export const joined = (sentences: readonly Sentence[], between: string): Sentence =>
  sentences.flatMap((sentence, place) => (place === 0 ? sentence : [between, ...sentence]));

/** Names behind one another; from the seventh on they are counted. */
export function list(names: readonly string[], shown = 6): Sentence {
  const first = joined(
    names.slice(0, shown).map((name) => say`${name}`),
    ", ",
  );
  return names.length > shown ? [...first, ` and ${names.length - shown} more`] : first;
}

/** A kind's name: a plain word is ours to say, anything else is not. */
export const kindName = (kind: string): Sentence => (/^[A-Za-z]\w*$/.test(kind) ? [kind] : say`${kind}`);

/** A number with its noun, as in `1 pod` and `2 pods`. */
export const count = (number: number, noun: string): string =>
  `${number.toLocaleString("en")} ${number === 1 ? noun : plural(noun)}`;

const plural = (noun: string): string => (/s$/.test(noun) ? `${noun}es` : `${noun}s`.replace(/([^aeiou])ys$/, "$1ies"));

/** What a value is shown as: bounded, on one line, and without characters that would show as others. */
export function shown(value: unknown, longest = 100): string {
  if (value === undefined || value === null) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text === unknown) return "known once it is made";
  const line = visible(text);
  if (line.length <= longest) return line;
  const rest = line.length - longest;
  return `${line.slice(0, longest).replace(/[\uD800-\uDBFF]$/, "")}… (${rest.toLocaleString("en")} more)`;
}

/** What a preview has for a value that only the update will know. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Writes out control characters, line ends, and those that turn the direction of the text around or take no room. */
export const visible = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\n/g, "⏎")
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`);
