import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { UserError } from "../../settings/user-error.ts";
import { readPolicyEvents } from "./policies.ts";
import type { Preview } from "./preview.ts";
import { readPreview } from "./read-preview.ts";

/** Returns the stack that a file is named after. */
export const stackOfFile = (path: string): string => basename(path).replace(/\.json$/, "");

/**
 * Reads a preview from its file, and what policies said of it from FILE.events beside it. A missing file becomes a
 * failed preview, so that a stack of unknown state never counts as unchanged.
 *
 * @throws UserError if the file exists and can't be read
 */
export function readPreviewFile(path: string): Preview {
  try {
    const text = readFileSync(path, "utf8");
    const log = path.replace(/(\.json)?$/, ".events");
    return readPreview(text, stackOfFile(path), existsSync(log) ? readPolicyEvents(readFileSync(log, "utf8")) : []);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw new UserError(`${path} can't be read: ${message}`);
    const missing = `there is no ${path}: the job that writes it ended before it did. Its log says why; run it again`;
    return { environment: stackOfFile(path), steps: [], failures: [missing], unchanged: 0, isNew: false };
  }
}
