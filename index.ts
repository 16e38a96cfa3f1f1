import { Backups } from "./components/backups.ts";
import { Database } from "./components/database.ts";
import { AppNamespace } from "./components/namespace.ts";
import { argumentsOf, platformOf } from "./components/platform.ts";
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
      const { repository, name } = settings.release;
      const login = platform.createRepository();
      return new Release("app", { repository, name, from, earlier: previous.verified, login, attest: world.attest });
    },
    () => platform.connect(cluster.id),
  );
  const facilities = platform.equip(provider);
  const args = argumentsOf(settings, facilities);

  // The namespace, and with it everything in it, waits for the image: source that does not build changes nothing there.
  const { name: namespace } = new AppNamespace("app", args.namespace, { provider, dependsOn: release });

  const onStorage = { provider, dependsOn: facilities.storage };
  const database = args.database && new Database("database", { ...args.database, namespace }, onStorage);
  const backups =
    database &&
    args.backups &&
    new Backups("database-backups", { ...args.backups, namespace, database: database.connection }, onStorage);

  const web = new WebApp(
    "web",
    {
      ...args.web,
      namespace,
      image: release.image,
      release: { ...settings.release, commit: release.commit },
      database: database?.connection,
      migrations: release.migrations,
      migrated: previous.migrated,
      waitForRollout: world.waitForRollout,
    },
    { provider },
  );
  facilities.pointHostTo?.(web.loadBalancer);
  database?.closeEarlierLogins(backups ? [web, backups] : [web], web.ready, web.stopsWithin);

  return {
    url: web.url,
    image: release.image, // by digest
    running: { name: settings.release.name, commit: release.commit, breakGlass: settings.release.breakGlass },
    verified: release.verifiedOnce(web.ready), // releases that the next stack may promote
    migrated: web.migrated, // lets the next update skip a migration that ran
    data: { ...data, inAws: facilities.volumes }, // data that the next update must not lose
    cluster, // the next update must be in the same one
    guarded: guard.present(), // resources that only `pulumi destroy` deletes
  };
}
