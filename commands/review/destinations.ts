import { isDeepStrictEqual } from "node:util";
import { internet, publicRanges } from "../../settings/destinations.ts";
import { list, type Sentence, say, show } from "../cli/sentence.ts";
import { array, specOf } from "../preview/manifest.ts";
import type { State, Step } from "../preview/preview.ts";

/**
 * Says where pods may newly connect to, and where no longer; undefined if a network policy changes neither. Leaves out what
 * all pods need: DNS, and pods of their own namespace.
 */
export function changedDestinations({ before, after }: Step): Sentence | undefined {
  const [earlier, later] = [destinationsOf(before), destinationsOf(after)];
  const opened = later.filter((each) => !earlier.includes(each));
  const closed = earlier.filter((each) => !later.includes(each));
  const also = before ? "also " : "";
  if (opened.length > 0 && closed.length > 0)
    return say`may ${[also]}connect to ${list(opened)}, and no longer to ${list(closed)}`;
  if (opened.length > 0) return say`may ${[also]}connect to ${list(opened)}`;
  return closed.length > 0 ? say`may no longer connect to ${list(closed)}` : undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: parts of a manifest
type Any = any;

/** The cluster's DNS servers, as a destination. */
const dns = "kube-system:53";

/** Destinations that a network policy allows, each once, in the words of `slipway:web.allowTo`. */
function destinationsOf(state?: State): string[] {
  const all = array(specOf(state).egress).flatMap(({ to, ports }) =>
    peersOf(array(to)).flatMap((peer) => portsOf(array(ports)).map((port) => withPort(peer, port))),
  );
  return [...new Set(all)].filter((destination) => destination !== dns);
}

/** Ports of a rule; one that is undefined for all ports. */
const portsOf = (ports: readonly Any[]): (string | undefined)[] =>
  ports.length === 0
    ? [undefined]
    : ports.map(({ port, endPort }) => [port ?? "any", endPort].filter(Boolean).join("-"));

function withPort(peer: string, port?: string): string {
  if (port === undefined) return peer;
  return peer.includes("::") ? `[${peer}]:${port}` : `${peer}:${port}`;
}

/** Names of the peers of a rule outside the pods' own namespace. */
function peersOf(to: readonly Any[]): string[] {
  if (to.length === 0) return ["anywhere"];
  const ranges = to.map(({ ipBlock }) => ipBlock);
  if (isDeepStrictEqual(ranges, publicRanges)) return [internet];
  return to
    .filter(({ ipBlock, namespaceSelector }) => ipBlock ?? namespaceSelector)
    .map(({ ipBlock, namespaceSelector, podSelector }) => {
      if (ipBlock) return `${ipBlock.cidr}${ipBlock.except ? ` except ${ipBlock.except.join(", ")}` : ""}`;
      const { "kubernetes.io/metadata.name": name, ...more } = namespaceSelector.matchLabels ?? {};
      const isNamed = name && Object.keys(more).length === 0 && !namespaceSelector.matchExpressions;
      const namespace = isNamed ? String(name) : `namespaces with ${show(namespaceSelector)}`;
      return podSelector ? `pods with ${show(podSelector)} in ${namespace}` : namespace;
    });
}
