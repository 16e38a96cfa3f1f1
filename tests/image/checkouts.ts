import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";

/** Files, links and empty folders, by path. */
export type Tree = Record<
  string,
  { text?: string; executable?: boolean; mode?: number; link?: string; folder?: boolean }
>;

/** Differences between checkouts of the same commit. */
interface State {
  umask?: number;
  /** Whether the group may write, if the umask allows it. */
  group?: boolean;
  /** Timestamp of every file, in seconds since 1970. */
  time?: number;
  /** Modes of folders. */
  modes?: Record<string, number>;
}

const folders: string[] = [];

/** In memory if possible: tests that write thousands of files spend most of their time on a disk. */
const temporary = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Creates a folder, which exists until `removeFolders`. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(temporary, "slipway-context-"));
  chmodSync(folder, 0o755);
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

/** Writes a tree into a new folder. */
export function checkout(tree: Tree, { umask = 0o022, group = false, time, modes = {} }: State = {}): string {
  const root = emptyFolder();
  const before = process.umask(umask);
  for (const [path, { text, executable, mode, link, folder }] of Object.entries(tree)) {
    const full = join(root, path);
    mkdirSync(folder ? full : dirname(full), { recursive: true });
    if (link !== undefined) symlinkSync(link, full);
    if (text === undefined) continue;
    writeFileSync(full, text, { mode: (executable ? 0o755 : 0o644) | (group ? 0o020 : 0) });
    if (mode !== undefined) chmodSync(full, mode);
    if (time !== undefined) utimesSync(full, time, time);
  }
  process.umask(before);
  for (const [path, mode] of Object.entries(modes)) chmodSync(join(root, path), mode);
  return root;
}

/** Trees of up to eight entries and two fixed files; names of files and folders differ. */
export const anyTree: fc.Arbitrary<Tree> = fc
  .uniqueArray(
    fc.record({
      at: fc.array(fc.constantFrom("d1", "d2", "d3 é"), { maxLength: 3 }),
      name: fc.constantFrom("f1", "f2", "f.py", "é", "f f", "-f", "F1", "日本"),
      entry: fc.oneof(
        { weight: 4, arbitrary: fc.record({ text: fc.string({ maxLength: 8 }), executable: fc.boolean() }) },
        { weight: 1, arbitrary: fc.record({ link: fc.constantFrom("f1", "../f1", "/nowhere", "d1") }) },
      ),
    }),
    { minLength: 1, maxLength: 8, selector: ({ at, name }) => [...at, name].join("/") },
  )
  .map((entries) =>
    Object.fromEntries(entries.map(({ at, name, entry }) => [[...at, name].join("/"), entry as Tree[string]])),
  )
  .map((tree) => ({ ...tree, "f0.txt": { text: "0" }, "d1/f0.txt": { text: "0" } }));

/** Lists every path below a folder, folders before their content. */
export function below(root: string, folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...below(root, path)] : [path];
  });
}
