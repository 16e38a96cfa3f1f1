import { startAccessories } from "./components/accessory.ts";
import { startDatabase } from "./components/databases.ts";
import { AppNamespace } from "./components/namespace.ts";
import { argumentsOf, platformOf } from "./components/platform.ts";
import { startProcesses } from "./components/processes.ts";
import { Release } from "./components/release.ts";
import { WebApp } from "./components/web.ts";
import { preflight } from "./preflight/preflight.ts";
import { safeguard } from "./preflight/safeguard.ts";
import { realWorld, type World } from "./preflight/world.ts";
import { loadSettings } from "./settings/load.ts";
import { inPluginOrder } from "./startup/plugin-order.ts";

/** Deploys one environment. @param world clusters, registries and builders; tests and `npm run environments` simulate it */
export default async function deploy(world: World = realWorld) {
  const settings = loadSettings(); // one typed object, or one error with every problem in it
  const platform = await platformOf(settings); // a cluster of the kubeconfig, or an account in AWS
  const { from, previous, data, cluster } = await preflight(settings, platform.lookUp, world); // refuses before anything is changed
  const guard = safeguard(previous.guarded);

  const [release, provider] = await inPluginOrder(
    () => {
      const login = platform.createRepository();
      return new Release("app", { ...settings.release, from, earlier: previous.verified, login, attest: world.attest });
    },
    () => platform.connect(cluster.id),
  );
  const facilities = platform.equip(provider);
  const args = argumentsOf(settings, facilities);

  // The namespace, and with it everything in it, waits for the image: source that does not build changes nothing there.
  const { name: namespace, pullSecret } = new AppNamespace("app", args.namespace, { provider, dependsOn: release });

  const onStorage = { provider, dependsOn: [facilities.storage ?? []].flat() };
  const database = startDatabase(namespace, args, onStorage); // with its backups, or elsewhere

  const { waitForRollout } = world;
  const accessories = startAccessories(args.accessories, { namespace, waitForRollout }, onStorage);

  const web = new WebApp(
    "web",
    {
      ...args.web,
      namespace,
      image: release.image,
      pullSecret,
      release: { ...settings.release, commit: release.commit },
      database: database.connection,
      migrations: release.migrations,
      migrated: previous.migrated,
      waitForRollout,
    },
    { provider, dependsOn: [...onStorage.dependsOn, ...accessories] }, // once the objects of accessories exist
  );
  facilities.pointHostTo?.(web.loadBalancer);
  const all = startProcesses(web, args, accessories, onStorage); // web, and all that runs beside it
  database.closeEarlierLogins(all.components, all.ready, all.stopsWithin);

  return {
    url: web.url,
    image: release.image, // by digest
    running: { name: settings.release.name, commit: release.commit, breakGlass: settings.release.breakGlass },
    verified: release.verifiedOnce(all.ready), // releases that the next stack may promote
    migrated: web.migrated, // lets the next update skip a migration that ran
    data: { ...data, inAws: facilities.volumes }, // data that the next update must not lose
    cluster, // the next update must be in the same one
    guarded: guard.present(), // resources that only `pulumi destroy` deletes
  };
}
