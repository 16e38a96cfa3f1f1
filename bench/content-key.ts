import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readContent } from "../image/content-key.ts";
import { run } from "../sandbox/command.ts";
import { compare, inTurn, type Row } from "./measure.ts";

/** Compares the content key of 10,000 files with sha256sum. */
export async function measureContentKey(): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  try {
    for (let i = 0; i < 10_000; i++) {
      const parent = join(folder, `d${i % 100}`);
      mkdirSync(parent, { recursive: true });
      writeFileSync(join(parent, `f${i}`), Buffer.alloc(20_000, i));
    }
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nCOPY . /\n");
    const what = "content key of 10,000 files, 200 MB";
    const seconds = await inTurn(what, 5, {
      baseline: () => run(["sh", "-c", 'find "$0" -type f -exec sha256sum {} + > /dev/null', folder]),
      ours: async () => readContent({ context: folder }),
    });
    return compare(what, seconds.ours, { what: "sha256sum of the same files", seconds: seconds.baseline }, 2);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
