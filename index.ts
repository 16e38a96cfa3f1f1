import { setImmediate } from "node:timers/promises";
import { connect } from "./cluster/provider.ts";
import { Backups } from "./components/backups.ts";
import { Database } from "./components/database.ts";
import { AppNamespace } from "./components/namespace.ts";
import { Release } from "./components/release.ts";
import { rolledOut } from "./components/web/rollout.ts";
import { WebApp } from "./components/web.ts";
import { preflight } from "./preflight/preflight.ts";
import { safeguard } from "./preflight/safeguard.ts";
import { keepRecords } from "./registry/attestations.ts";
import { loadSettings } from "./settings/load.ts";

const settings = loadSettings(); // one typed object, or one error with every problem in it
// AWS is loaded by the stacks that use it alone. That the account is the right one is checked before anything else.
const aws =
  settings.account && (await (await import("./components/aws/platform.ts")).inAccount(settings.account, settings));
// Whatever else can refuse the deployment does so here, before anything is changed.
const { from, earlier, migrated: before, kept, ...last } = await preflight(settings, aws?.lookUp);
const guard = safeguard(last.guarded);

const { repository, name } = settings.release;
const login = aws?.registry()?.login;
const release = new Release("app", { repository, name, from, earlier, login, keepRecords });

// What is registered goes to the engine when the program next waits, and the plugins start in that order: the one that builds first,
// those of the cluster while it builds and the rest is put together.
await new Promise((resolve) => release.urn.apply(resolve));
await setImmediate();

const eks = aws?.cluster();
const provider = connect(eks ?? { ...settings.cluster, clusterIdentifier: last.cluster.id });
await setImmediate();

// The namespace, and with it all that follows, waits for the image: source that does not build changes nothing there.
const { storage, edge, volumes } = aws?.furnish(provider) ?? {};
const protect = settings.database?.protect;
const storageClass = settings.database?.storageClass ?? storage?.className;
const dns = [...(eks ? [eks.dns] : []), ...settings.cluster.dns];
const { name: namespace } = new AppNamespace(
  "app",
  { name: settings.namespace, protect, dns, labels: edge?.namespaceLabels },
  { provider, dependsOn: release },
);

const database =
  settings.database &&
  new Database(
    "database",
    {
      ...settings.database,
      ...{ namespace, storageClass, password: settings.databasePassword ?? "" },
    },
    { provider, dependsOn: storage },
  );

const backups =
  database &&
  settings.database?.backups &&
  new Backups(
    "database-backups",
    {
      storage: settings.database.storage,
      ...settings.database.backups,
      ...{ image: settings.database.image, storageClass, protect },
      ...{ namespace, database: database.connection },
    },
    { provider, dependsOn: storage },
  );

const web = new WebApp(
  "web",
  {
    ...settings.web,
    namespace,
    image: release.image,
    release: { ...settings.release, commit: release.commit },
    secrets: settings.secrets,
    database: database?.connection,
    rolledOut,
    ...{ migrations: release.migrations, migrated: before },
    drainSeconds: settings.web.drainSeconds ?? edge?.drainSeconds,
    ingressClass: settings.web.ingressClass ?? edge?.ingressClass,
    ingressAnnotations: { ...edge?.annotations, ...settings.web.ingressAnnotations },
  },
  { provider },
);
edge?.pointTo(web.loadBalancer);

database?.closeEarlierLogins(backups ? [web, backups] : [web], web.ready, web.stopsWithin);

/** Where the application is served. */
export const url = web.url;
/** The image that runs, by digest. */
export const image = release.image;
/** What that is: release, commit, and why it runs although no other stack had verified it, where none had. */
export const running = { name, commit: release.commit, breakGlass: settings.release.breakGlass };
/** What this stack has verified, by release: what the next one promotes from. */
export const verified = release.verifiedOnce(web.ready);
/** The migration that has run, for the next update to tell whether there is anything to migrate. */
export const migrated = web.migrated;
/** Which data is kept, how, and where it stays in the cloud when this stack is destroyed: what the next update must not lose. */
export const data = { ...kept, inAws: volumes };
/** Which cluster it runs in. */
export const cluster = last.cluster;
/** What only `pulumi destroy` deletes. */
export const guarded = guard.present();
