import { attempt, run } from "./command.ts";

/**
 * Removes the chains of kube-proxy and kube-router, what leads into them, and kube-router's sets of addresses. kube-proxy's own
 * `--cleanup` would empty IPVS and nftables as well, which this sandbox does not use and somebody else may; kube-router's
 * `--cleanup-config` ends in a panic (2.1.0). @throws UserError
 */
export async function removeKubeRules(): Promise<void> {
  for (const program of ["iptables", "ip6tables"]) {
    const { stdout } = await attempt([`${program}-save`]);
    const input = kubeChainsRemoval(stdout);
    if (input !== "") await run([`${program}-restore`, "--wait", "5", "--noflush"], { input });
  }
  // Last: a set that a rule names cannot be removed. Where there is no ipset, nobody made a set.
  const { stdout } = await attempt(["ipset", "list", "-name"]).catch(() => ({ stdout: "" }));
  for (const set of kubeSets(stdout)) await run(["ipset", "destroy", set]);
}

/** Names of kube-router's sets in a list of sets: of IPv4, of IPv6, and the one that it fills while it is killed. */
export function kubeSets(list: string): string[] {
  return list.split("\n").filter((name) => /^(inet6:)?(KUBE-(SRC|DST)|TMP)-[A-Z2-7]{16}$/.test(name));
}

/** Turns what iptables-save says into what makes iptables-restore remove the chains named KUBE-…, and nothing else. */
export function kubeChainsRemoval(saved: string): string {
  return saved
    .split(/^(?=\*)/m)
    .map((table) => {
      const chains = [...table.matchAll(/^:(KUBE-\S+)/gm)].map(([, chain]) => chain);
      if (chains.length === 0) return "";
      const jumps = table.match(/^-A (?!KUBE-).* -[jg] KUBE-.*$/gm) ?? [];
      return [
        /^\*.*/.exec(table)?.[0],
        ...chains.map((chain) => `:${chain} - [0:0]`), // Empties it: a chain that is led into cannot be removed.
        ...jumps.map((rule) => rule.replace(/^-A/, "-D")),
        ...chains.map((chain) => `-X ${chain}`),
        "COMMIT\n",
      ].join("\n");
    })
    .join("");
}
