import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Installs the npm packages of the lock file, unless they are installed. Runs before `npm run up` and `npm test` on the machine's own
 * Node, which may not support TypeScript, and without any package.
 */
const checkout = fileURLToPath(new URL("..", import.meta.url));

/** Packages of a lock file by folder. */
const packagesIn = (/** @type {string} */ path) => JSON.parse(readFileSync(join(checkout, path), "utf8")).packages;

/** Tells if every package is installed in its version, except optional ones for other kinds of machines. */
export function areInstalled(
  /** @type {Record<string, { version?: string, optional?: boolean }>} */ wanted,
  /** @type {Record<string, { version?: string }>} */ installed,
) {
  return Object.entries(wanted).every(
    ([folder, { version, optional }]) =>
      folder === "" || installed[folder]?.version === version || (optional && !installed[folder]),
  );
}

function install() {
  // npm writes this file at the end of a complete installation.
  const installed = "node_modules/.package-lock.json";
  if (existsSync(join(checkout, installed)) && areInstalled(packagesIn("package-lock.json"), packagesIn(installed)))
    return;
  console.log("npm ci: the packages of package-lock.json are missing, or others are installed");
  const { status } = spawnSync("npm", ["ci"], { cwd: checkout, stdio: "inherit" });
  if (status === 0) return;
  console.error("npm ci failed; its output above says why. Nothing else was started.");
  process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install();
