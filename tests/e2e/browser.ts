import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt } from "../../sandbox/command.ts";
import { findProgram } from "../../sandbox/debian-packages.ts";
import { cluster, paths } from "../../sandbox/paths.ts";

/** Installs Chromium, and the tool that adds an authority to those it trusts, unless they are installed. */
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
 * Opens a page in Chromium, through the sandbox's ingress.
 *
 * @param options `trusting`: if the browser trusts the sandbox's issuer; `picture`: file for a screenshot
 * @returns the page after its scripts have run
 */
export async function openPage(url: string, options: { trusting: boolean; picture?: string }): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "slipway-browser-"));
  try {
    const store = join(home, ".pki", "nssdb");
    mkdirSync(store, { recursive: true });
    const certutil = (...args: string[]) => execFileSync("certutil", ["-d", `sql:${store}`, ...args]);
    certutil("-N", "--empty-password");
    if (options.trusting) certutil("-A", "-t", "C,,", "-n", "sandbox", "-i", paths.ingressAuthority);
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${join(home, "data")}`];
    const resolve = `--host-resolver-rules=MAP ${new URL(url).hostname} ${cluster.nodeAddress}`;
    const draw = options.picture ? [`--screenshot=${options.picture}`, "--window-size=1000,700"] : [];
    const { stdout } = await attempt(["chromium", ...flags, resolve, ...draw, "--dump-dom", url], {
      env: { HOME: home },
      within: 60,
    });
    return stdout;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
