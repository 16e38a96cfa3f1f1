import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const ignored = ["node_modules", "coverage", ".git", ".sandbox", ".slipway", ".venv"];
const pages = globSync("**/*.md", { exclude: (path) => ignored.some((folder) => path.split("/").includes(folder)) });
const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
const folders = readdirSync(".").filter((name) => !ignored.includes(name) && statSync(name).isDirectory());

/** The anchors of a page's headings, as GitHub makes them. */
const anchors = (page: string): string[] =>
  [...withoutExamples(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

const withoutExamples = (page: string): string => readFileSync(page, "utf8").replace(/^ *(`{3,4})[\s\S]*?^ *\1$/gm, "");

/** Problems of a page's relative links. */
function brokenLinks(page: string): string[] {
  const links = [...withoutExamples(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      return !existsSync(target) || (anchor !== undefined && !anchors(target).includes(anchor));
    });
}

/** Paths in backticks that begin with a folder of the repository and name nothing in it. */
const missingPaths = (page: string): string[] =>
  [...readFileSync(page, "utf8").matchAll(/`([\w.-]+\/[\w./-]*)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => folders.includes(path.split("/")[0] ?? "") && /(\.(ts|md|sh|sql|py)|\/)$/.test(path))
    .filter((path) => !existsSync(path) && !existsSync(join(dirname(page), path)));

const missingScripts = (page: string): string[] =>
  [...readFileSync(page, "utf8").matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)]
    .map(([, script = ""]) => script)
    .filter((script) => !(script in scripts));

describe("The documentation", () => {
  for (const page of pages) {
    it(`links in ${page} to files and headings that exist`, () => assert.deepEqual(brokenLinks(page), []));
    it(`names in ${page} only paths that exist`, () => assert.deepEqual(missingPaths(page), []));
    it(`names in ${page} only npm scripts of package.json`, () => assert.deepEqual(missingScripts(page), []));
  }
});
