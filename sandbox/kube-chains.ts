import { attempt, run } from "./command.ts";

/**
 * Removes the chains of kube-proxy and kube-router, the jumps into them, and kube-router's sets of addresses. kube-proxy's own
 * `--cleanup` would also empty IPVS and nftables, which others may use; kube-router's `--cleanup-config` panics (2.1.0).
 *
 * @throws UserError if a program fails
 */
export async function removeKubeRules(): Promise<void> {
  for (const program of ["iptables", "ip6tables"]) {
    const { stdout } = await attempt([`${program}-save`]);
    const input = kubeChainsRemoval(stdout);
    if (input !== "") await run([`${program}-restore`, "--wait", "5", "--noflush"], { input });
  }
  // After the rules, because a set that a rule names cannot be removed. Without ipset there are no sets.
  const { stdout } = await attempt(["ipset", "list", "-name"]).catch(() => ({ stdout: "" }));
  for (const set of kubeSets(stdout)) await run(["ipset", "destroy", set]);
}

/** Names of kube-router's sets in a list of sets: those of IPv4 and IPv6, and temporary ones. */
export function kubeSets(list: string): string[] {
  return list.split("\n").filter((name) => /^(inet6:)?(KUBE-(SRC|DST)|TMP)-[A-Z2-7]{16}$/.test(name));
}

/** Input for iptables-restore that removes only the chains named KUBE-…, made from the output of iptables-save. */
export function kubeChainsRemoval(saved: string): string {
  return saved
    .split(/^(?=\*)/m)
    .map((table) => {
      const chains = [...table.matchAll(/^:(KUBE-\S+)/gm)].map(([, chain]) => chain);
      if (chains.length === 0) return "";
      const jumps = table.match(/^-A (?!KUBE-).* -[jg] KUBE-.*$/gm) ?? [];
      return [
        /^\*.*/.exec(table)?.[0],
        ...chains.map((chain) => `:${chain} - [0:0]`), // Empties it: a chain with jumps into it cannot be removed.
        ...jumps.map((rule) => rule.replace(/^-A/, "-D")),
        ...chains.map((chain) => `-X ${chain}`),
        "COMMIT\n",
      ].join("\n");
    })
    .join("");
}
