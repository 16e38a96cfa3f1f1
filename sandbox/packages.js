import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Installs the npm packages of the lock file, unless they are there. Runs before `npm run up` and `npm test`, by whichever Node
 * the machine has: nothing of the project can be used yet, TypeScript neither.
 */
const checkout = fileURLToPath(new URL("..", import.meta.url));

/** @returns the packages of a lock file that has been read, by their folders */
const packagesIn = (/** @type {string} */ path) => JSON.parse(readFileSync(join(checkout, path), "utf8")).packages;

/** Whether every package is there in its version; those for other kinds of machines are left out. */
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
  // What npm has written about the folder once an installation was complete.
  const installed = "node_modules/.package-lock.json";
  if (existsSync(join(checkout, installed)) && areInstalled(packagesIn("package-lock.json"), packagesIn(installed)))
    return;
  console.log("npm ci: the packages of package-lock.json are missing here, or others are installed");
  const { status } = spawnSync("npm", ["ci"], { cwd: checkout, stdio: "inherit" });
  if (status === 0) return;
  console.error("npm ci failed; its output above says why. Nothing else was started.");
  process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install();
