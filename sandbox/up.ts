import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stackFiles } from "../settings/stack-files.ts";
import { UserError } from "../settings/user-error.ts";
import { ensureProgramImage } from "./addons/program-image.ts";
import { ensureAddons, neededAddons } from "./addons.ts";
import { ensureBaseImages } from "./base-images.ts";
import { ensureCertificates } from "./certificates.ts";
import { ensureDns } from "./cluster-dns.ts";
import { applyClusterObjects } from "./cluster-objects.ts";
import { describeRunningSteps } from "./command.ts";
import { ensureCompiled, prefetchModules } from "./compile.ts";
import { writeConfiguration } from "./configuration.ts";
import { controlPlane } from "./control-plane.ts";
import { ensureDebianPrograms, findConfigured, networkPluginFolder } from "./debian-packages.ts";
import { deploy, deployedUrl, stack, verifyServing } from "./deployment.ts";
import { chainTo, deployChain, wantedEnvironment } from "./environments.ts";
import { openingInstructions } from "./http.ts";
import { recover } from "./leftovers.ts";
import { takeLock } from "./lock.ts";
import { bridgeIsOwn, bridgeMaker, ensureNetwork, removeNetwork } from "./network.ts";
import { imageServices, nodeServices } from "./node-services.ts";
import { clusterParts } from "./parts.ts";
import { paths, repository } from "./paths.ts";
import { inspectMachine, obstacles, portsInTheWay, unsupported } from "./preflight.ts";
import { phase, runSandbox, say, summary, timed } from "./progress.ts";
import { ensurePulumi } from "./pulumi-parts.ts";
import { startServices } from "./services.ts";
import { stop } from "./stop.ts";
import { ensureSyft } from "./syft.ts";

/** npm run up: from a bare machine to the running application. --cluster starts only the cluster; --to STACK deploys the other environments as well. */
await runSandbox(async () => {
  const to = wantedEnvironment(process.argv);
  const chain = to === undefined ? [] : chainTo(to);
  refuse(unsupported(process.platform, process.arch), "nothing was changed");
  const first = stackFiles(repository).filter((file) => file.stack === stack);
  const configs = [...first, ...chain].map(({ config }) => config);
  const addons = neededAddons(configs).map(({ part }) => part);
  // Only the other environments name their releases.
  const machine = await inspectMachine(chain.length > 0, addons);
  refuse(obstacles(machine), "nothing was changed");

  mkdirSync(paths.root, { recursive: true });
  takeLock(paths.lock, "npm run up");
  await recover();

  await timed("parts of the cluster", () => ensureClusterParts(machine.toCompile));
  // At the same time, because images wait for the network and disk, programs for the processor.
  await Promise.all([
    timed("pulumi", ensurePulumi),
    phase("cluster and base images", () => startCluster(configs), describeRunningSteps),
  ]);
  if (chain.length > 0) await ensureSyft();
  if (addons.length > 0) await timed("add-ons", () => ensureAddons(configs));
  if (process.argv.includes("--cluster"))
    return say(`the cluster is ready (${summary()}). Look further: eval "$(npm run -s env)"`);

  await timed("pulumi up", deploy);
  const url = await deployedUrl();
  const message = await phase("message", () => verifyServing(url));
  if (chain.length > 0) await timed("other environments", () => deployChain(chain));
  say(`done: ${summary()}`);
  console.log(`
The application is served at ${url}${message ? `; it has kept and shown this message: "${message}"` : ", and answers there"}.
${openingInstructions([url])}
Look further:
  eval "$(npm run -s env)"          then kubectl and pulumi speak to the sandbox
  kubectl get pods -A
  pulumi stack -s ${stack}
  npm run status                    what runs, and since when
  ls ${paths.log}
Stop it with npm run down; the data is kept for the next npm run up.`);
});

/** @throws UserError with all problems, if there are any */
function refuse(problems: readonly string[], changed: string): void {
  if (problems.length > 0)
    throw new UserError(`The sandbox cannot start; ${changed}:\n${problems.map((each) => `- ${each}`).join("\n")}`);
}

async function ensureClusterParts(toCompile: readonly string[]): Promise<void> {
  for (const folder of [paths.bin, paths.log, paths.pulumiState, paths.volumes]) mkdirSync(folder, { recursive: true });
  const compile = async () => {
    for (const part of clusterParts) await ensureCompiled(part);
  };
  prefetchModules(toCompile);
  const all = [ensureDebianPrograms(), compile()];
  // apt-get may finish if the compiler fails: killed, it would leave packages half installed.
  await Promise.allSettled(all);
  await Promise.all(all);
}

async function startCluster(configs: Parameters<typeof ensureBaseImages>[0]): Promise<void> {
  await ensureCertificates();
  writeConfiguration({
    runc: findConfigured("runc") ?? "runc",
    cni: networkPluginFolder() ?? join(paths.debian, "usr/lib/cni"),
  });
  // Again, because another checkout's sandbox may have started during a quarter of an hour of compiling.
  refuse(portsInTheWay(), "what was compiled stays");
  await removeForeignNetwork();
  await ensureNetwork();
  const images = startServices(imageServices()).then(() =>
    Promise.all([ensureProgramImage("coredns"), ensureBaseImages(configs)]),
  );
  const services = startServices([...controlPlane(), ...nodeServices()]).then(applyClusterObjects);
  const [[dnsImage]] = await Promise.all([images, services]);
  await ensureDns(dnsImage);
}

/** Removes a network that this run did not make. Its owner has ended, because the ports are free. */
async function removeForeignNetwork(): Promise<void> {
  if (bridgeIsOwn()) return;
  const maker = bridgeMaker();
  const left = `the network that ${maker || "another sandbox"} left behind is removed`;
  say(maker === undefined ? "the network is gone; everything is restarted" : left);
  // Containers of this sandbox that still run would stay cut off; restarted, they join the new network.
  await stop();
  await removeNetwork();
  await recover(); // Recreates the folder for sockets and pid files.
}
