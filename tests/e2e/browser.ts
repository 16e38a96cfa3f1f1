import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt } from "../../sandbox/command.ts";
import { findProgram } from "../../sandbox/debian-packages.ts";
import { cluster, paths } from "../../sandbox/paths.ts";

/** Installs Chromium, and what adds an authority to those that it trusts, where they are not there yet. */
export function ensureBrowser(): void {
  if (findProgram("chromium") && findProgram("certutil")) return;
  const apt = (...args: string[]) => execFileSync("apt-get", ["-qq", ...args], { stdio: "ignore" });
  const install = () => apt("install", "--yes", "--no-install-recommends", "chromium", "libnss3-tools");
  try {
    install();
  } catch {
    apt("update");
    install();
  }
}

/**
 * Opens a page in Chromium, which reaches its host at the sandbox's ingress.
 *
 * @param options `trusting` says whether the browser trusts the sandbox's issuer; `picture` is a file to draw the page to
 * @returns the page as the browser has it, once its scripts have run
 */
export async function opened(url: string, options: { trusting: boolean; picture?: string }): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "slipway-browser-"));
  try {
    const store = join(home, ".pki", "nssdb");
    mkdirSync(store, { recursive: true });
    const certutil = (...args: string[]) => execFileSync("certutil", ["-d", `sql:${store}`, ...args]);
    certutil("-N", "--empty-password");
    if (options.trusting) certutil("-A", "-t", "C,,", "-n", "sandbox", "-i", paths.ingressAuthority);
    const how = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${join(home, "data")}`];
    const where = `--host-resolver-rules=MAP ${new URL(url).hostname} ${cluster.nodeAddress}`;
    const draw = options.picture ? [`--screenshot=${options.picture}`, "--window-size=1000,700"] : [];
    const { stdout } = await attempt(["chromium", ...how, where, ...draw, "--dump-dom", url], {
      env: { HOME: home },
      within: 60,
    });
    return stdout;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
