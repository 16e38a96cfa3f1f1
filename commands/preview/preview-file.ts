import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { UserError } from "../../settings/user-error.ts";
import { readPolicyEvents } from "./policies.ts";
import { type Preview, readPreview } from "./preview.ts";

/** The stack that a file's name says. */
export const nameOf = (path: string): string => basename(path).replace(/\.json$/, "");

/**
 * Reads a preview from its file, with what policies said of it from FILE.events beside it. A file that is not there is a
 * preview that failed: a stack of which nothing is known is never one in which nothing changes.
 *
 * @throws UserError where the file is there and can't be read
 */
export function readPreviewFile(path: string): Preview {
  try {
    const text = readFileSync(path, "utf8");
    const log = path.replace(/(\.json)?$/, ".events");
    return readPreview(text, nameOf(path), existsSync(log) ? readPolicyEvents(readFileSync(log, "utf8")) : []);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw new UserError(`${path} can't be read: ${message}`);
    const missing = `there is no ${path}: the job that writes it ended before it did. Its log says why; run it again`;
    return { environment: nameOf(path), steps: [], failures: [missing], unchanged: 0, isNew: false };
  }
}
