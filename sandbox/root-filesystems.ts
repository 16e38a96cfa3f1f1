import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, run, runLogged } from "./command.ts";
import { staticBusybox } from "./debian-packages.ts";
import { removeFolder } from "./mounts.ts";

/** This machine's certificate authorities, which builds trust too, for example behind a proxy. */
export const authorities = "/etc/ssl/certs/ca-certificates.crt";

const unwanted = ["usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache", "var/log", "var/lib/apt/lists"];

/** Packs a minimal Debian 13 as rootfs.tar into the build context. @throws UserError if a program fails */
export async function makeDebian(context: string, workspace: string): Promise<void> {
  const root = join(workspace, "debian");
  await removeFolder(root);
  const mirror = await debianMirror();
  const packages = "--include=ca-certificates";
  // debootstrap refuses a path with a space, which a checkout may have, so it gets a link.
  const link = mkdtempSync(join(tmpdir(), "slipway-debian-"));
  try {
    symlinkSync(workspace, join(link, "workspace"));
    const target = join(link, "workspace", "debian");
    await runLogged("debootstrap", ["debootstrap", "--variant=minbase", packages, "trixie", target, ...mirror]);
  } finally {
    rmSync(link, { recursive: true });
  }
  for (const name of unwanted) {
    for (const entry of readdirSync(join(root, name))) rmSync(join(root, name, entry), { recursive: true });
  }
  for (const name of ["etc/machine-id", "etc/resolv.conf", "etc/hostname"]) rmSync(join(root, name), { force: true });
  // apt does not start without these folders.
  for (const name of ["var/lib/apt/lists/partial", "var/cache/apt/archives/partial"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  copyFileSync(authorities, join(root, authorities));
  // pip's own list of authorities lacks this machine's.
  writeFileSync(join(root, "etc", "pip.conf"), `[global]\ncert = ${authorities}\n`);
  await pack(root, context);
  await removeFolder(root);
}

/** Packs a static BusyBox under all its names as rootfs.tar into the build context. @throws UserError if a program fails */
export async function makeBusybox(context: string, workspace: string): Promise<void> {
  const root = join(workspace, "busybox");
  rmSync(root, { recursive: true, force: true });
  for (const folder of ["bin", "etc", "root", "tmp", "var/www"]) mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
  const program = staticBusybox();
  copyFileSync(program, join(root, "bin", "busybox"));
  const names = (await run([program, "--list"])).trim().split("\n");
  for (const name of names.filter((each) => each !== "busybox")) symlinkSync("busybox", join(root, "bin", name));
  writeFileSync(
    join(root, "etc", "passwd"),
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  );
  writeFileSync(join(root, "etc", "group"), "root:x:0:\nnogroup:x:65534:\n");
  await pack(root, context);
}

/** URL of this machine's Debian mirror; empty on another distribution, for debootstrap's default. */
async function debianMirror(): Promise<string[]> {
  const { stdout } = await attempt([
    "apt-get",
    "indextargets",
    "--format",
    "$(ORIGIN) $(REPO_URI)",
    "Created-By: Packages",
  ]);
  const line = stdout.split("\n").find((each) => each.startsWith("Debian "));
  return line ? [line.slice("Debian ".length)] : [];
}

async function pack(root: string, context: string): Promise<void> {
  const contents = existsSync(join(root, "dev"))
    ? ["--exclude=./dev/*", "--exclude=./proc/*", "--exclude=./sys/*"]
    : [];
  const always = ["--sort=name", "--numeric-owner", "--owner=0", "--group=0", "--mtime=@0"];
  const owners = contents.length > 0 ? always.filter((option) => !/owner=0|group=0/.test(option)) : always;
  await run(["tar", ...owners, ...contents, "-C", root, "-cf", join(context, "rootfs.tar"), "."]);
}
