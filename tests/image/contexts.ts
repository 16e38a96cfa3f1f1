import { type ContentArgs, readContent } from "../../image/content-key.ts";
import { checkout, type Tree } from "./checkouts.ts";

export const dockerfile = "FROM scratch\nCOPY . /\n";
/** Files of every context. */
export const source: Tree = {
  Dockerfile: { text: dockerfile },
  "main.py": { text: "print()\n" },
  "lib/a.py": { text: "a = 1\n" },
};
export const texts = (files: Record<string, string>): Tree =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [path, { text }]));
/** Writes a context with these files besides those of every context. */
export const context = (files: Record<string, string> = {}) => checkout({ ...source, ...texts(files) });
export const read = (folder: string, args: Partial<ContentArgs> = {}) => readContent({ context: folder, ...args });
export const key = (folder: string, args: Partial<ContentArgs> = {}) => read(folder, args).key;
export const paths = (folder: string) => read(folder).files.map(({ path }) => path);

/** A tree without one of its paths. */
export const without = (tree: Tree, path: string): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([name]) => name !== path));
