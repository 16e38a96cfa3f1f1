import { type Dirent, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A value in one spelling. */
interface Spelling {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * How a value may be written: as it is, in JSON, URL-encoded, in hexadecimal, and in base64 (of either alphabet) for each of the
 * three places in a group of bytes where it may begin in what was encoded.
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

/** What is certain of a value in base64 behind so many other bytes, whatever they and those after it are. */
function base64At(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  // A character of base64 holds six bits: those that also hold bits of a neighbour are left out.
  const first = Math.ceil((offset * 8) / 6);
  const end = Math.floor(((offset + bytes.length) * 8) / 6);
  return encoded.slice(first, end);
}

/** Values that must not be found. */
export class KnownValues {
  readonly #spellings: (Spelling & { readonly value: string })[];

  /** @param values by what they are called in a finding */
  constructor(values: Readonly<Record<string, string>>) {
    this.#spellings = Object.entries(values).flatMap(([value, text]) =>
      spellings(text).map((spelling) => ({ value, ...spelling })),
    );
  }

  /** Which of them stand there, and how, as in `TOKEN (plain)`. */
  in(content: string | Buffer): string[] {
    const bytes = Buffer.from(content);
    return this.#spellings.filter((each) => bytes.includes(each.bytes)).map(({ value, name }) => `${value} (${name})`);
  }
}

/** Every file below a folder, its path by its contents. @param skip names of folders that are left out */
export function* filesBelow(folder: string, skip: readonly string[] = []): Generator<[path: string, content: Buffer]> {
  for (const entry of readdirSync(folder, { withFileTypes: true }) as Dirent[]) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skip.includes(entry.name)) yield* filesBelow(path, skip);
    if (entry.isFile() && lstatSync(path, { throwIfNoEntry: false })) yield [path, readFileSync(path)];
  }
}
