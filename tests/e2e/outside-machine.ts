import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { attempt, run } from "../../sandbox/command.ts";
import { cluster } from "../../sandbox/paths.ts";

const name = "slipway-outside";
/** Addresses reserved for documentation: no real machine has them. */
const [gateway, address] = ["198.51.100.1", "198.51.100.2"];
/** Address at which clouds hand out credentials. */
const metadata = "169.254.169.254";
const table = "19830";
// Only for pods: the machine itself may be in a cloud and need that address.
const podsOnly = `from ${cluster.podRange} to ${metadata} lookup ${table}`;

/** Machine outside the cluster: a network namespace with a server, connected by a pair of interfaces. */
export class OutsideMachine {
  readonly address = address;
  readonly metadata = metadata;
  readonly port = 8080;
  readonly otherPort = 8081;
  /** First arguments of a command that runs there. */
  readonly within = ["ip", "netns", "exec", name];
  #server?: ChildProcess;

  async start(): Promise<void> {
    await this.remove();
    for (const command of [
      `ip netns add ${name}`,
      `ip link add ${name} type veth peer name eth0 netns ${name}`,
      `ip address add ${gateway}/30 dev ${name}`,
      `ip link set ${name} up`,
      `ip -n ${name} address add ${address}/30 dev eth0`,
      `ip -n ${name} address add ${metadata}/32 dev eth0`,
      `ip -n ${name} link set eth0 up`,
      `ip -n ${name} route add default via ${gateway}`,
      `ip route add ${metadata} via ${address} table ${table}`,
      `ip rule add ${podsOnly}`,
    ])
      await run(command.split(" "));
    const server = `const listen = (port, then) => require("net").createServer((socket) => socket.end()).listen(port, then);
      listen(${this.port}, () => listen(${this.otherPort}, () => console.log("ready")));`;
    const child = spawn("ip", [...this.within.slice(1), "node", "-e", server], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#server = child;
    await once(child.stdout, "data");
  }

  /** Removes it, also after an interrupted test. */
  async remove(): Promise<void> {
    this.#server?.kill();
    for (const command of [
      `ip rule delete ${podsOnly}`,
      `ip route flush table ${table}`,
      `ip link delete ${name}`,
      `ip netns delete ${name}`,
    ])
      await attempt(command.split(" "));
  }
}
