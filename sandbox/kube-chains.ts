import { attempt, run } from "./command.ts";

/**
 * Takes away the chains that kube-proxy made and what leads into them. Its own `--cleanup` would empty IPVS and nftables as well, which
 * this sandbox does not use and somebody else may. @throws Failure
 */
export async function removeKubeChains(): Promise<void> {
  for (const program of ["iptables", "ip6tables"]) {
    const { stdout } = await attempt([`${program}-save`]);
    const input = kubeChainsRemoval(stdout);
    if (input !== "") await run([`${program}-restore`, "--wait", "5", "--noflush"], { input });
  }
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
