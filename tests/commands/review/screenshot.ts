import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { marked } from "marked";

/**
 * Takes a screenshot of a comment, similar to GitHub's rendering. Needs chromium:
 * node tests/commands/review/screenshot.ts COMMENT.md PICTURE.png [HEIGHT]
 */
const [comment = "", picture = "", height = "1000"] = process.argv.slice(2);

const style = `
  body { margin: 24px; font: 14px/1.5 -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif; color: #1f2328 }
  h3 { font-size: 17.5px; margin: 24px 0 12px }
  p, ul { margin: 0 0 12px }
  ul { padding-left: 2em }
  code, pre { font-family: "Liberation Mono", monospace; font-size: 85%; background: #f0f1f2; border-radius: 6px }
  code { padding: .2em .4em }
  pre { padding: 12px; line-height: 1.45; overflow-x: hidden }
  pre code { font-size: 100%; padding: 0; background: none }`;

const folder = mkdtempSync(join(tmpdir(), "slipway-screenshot-"));
try {
  const page = join(folder, "comment.html");
  const body = marked.parse(readFileSync(comment, "utf8"), { async: false });
  writeFileSync(page, `<!doctype html><meta charset="utf-8"><style>${style}</style>${body}`);
  const how = ["--headless", "--no-sandbox", "--hide-scrollbars", `--window-size=980,${height}`];
  execFileSync(
    "chromium",
    [...how, `--user-data-dir=${folder}`, `--screenshot=${resolve(picture)}`, `file://${page}`],
    { stdio: "ignore" },
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
