import { type Dirent, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A value in one spelling. */
interface Spelling {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Spellings of a value: plain, in JSON, URL-encoded, in hexadecimal, and in base64 of both alphabets, for each of the three offsets
 * in a group of bytes at which it can begin.
 */
export function spellings(value: string): Spelling[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString("hex");
  const written: [string, string][] = [
    ["plain", value],
    ["JSON", JSON.stringify(value).slice(1, -1)],
    ["URL-encoded", encodeURIComponent(value)],
    ["URL-encoded form", new URLSearchParams({ value }).toString().slice("value=".length)],
    ["hexadecimal", hex],
    ["hexadecimal, capitals", hex.toUpperCase()],
    ...[0, 1, 2].flatMap((offset): [string, string][] => {
      const encoded = base64At(bytes, offset);
      return [
        [`base64 at ${offset}`, encoded],
        [`base64url at ${offset}`, encoded.replaceAll("+", "-").replaceAll("/", "_")],
      ];
    }),
  ];
  return written.map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
}

/** Characters of a value in base64 that do not depend on the bytes around it. @param offset number of bytes before it */
function base64At(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  // A character of base64 has six bits. Characters with bits of a neighbour are left out.
  const first = Math.ceil((offset * 8) / 6);
  const end = Math.floor(((offset + bytes.length) * 8) / 6);
  return encoded.slice(first, end);
}

/** Search for secret values in every spelling. */
export class SecretSearch {
  readonly #spellings: (Spelling & { readonly value: string })[];

  /** @param values secrets by the names that results show */
  constructor(values: Readonly<Record<string, string>>) {
    this.#spellings = Object.entries(values).flatMap(([value, text]) =>
      spellings(text).map((spelling) => ({ value, ...spelling })),
    );
  }

  /** Names and spellings of the values in a text, for example `TOKEN (plain)`. */
  in(content: string | Buffer): string[] {
    const bytes = Buffer.from(content);
    return this.#spellings.filter((each) => bytes.includes(each.bytes)).map(({ value, name }) => `${value} (${name})`);
  }
}

/** Paths and contents of all files below a folder. @param skip names of folders to leave out */
export function* filesBelow(folder: string, skip: readonly string[] = []): Generator<[path: string, content: Buffer]> {
  for (const entry of readdirSync(folder, { withFileTypes: true }) as Dirent[]) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skip.includes(entry.name)) yield* filesBelow(path, skip);
    if (entry.isFile() && lstatSync(path, { throwIfNoEntry: false })) yield [path, readFileSync(path)];
  }
}
