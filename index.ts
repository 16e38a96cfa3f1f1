import { connect } from "./components/cluster.ts";
import { Database } from "./components/database.ts";
import { AppNamespace } from "./components/namespace.ts";
import { Release } from "./components/release.ts";
import { WebApp } from "./components/web.ts";
import { loadSettings } from "./settings.ts";

const settings = loadSettings(); // one typed object, or one error with every problem in it

const { build } = settings.release;
const release = new Release("app", { ...settings.release, build: { ...build, secrets: settings.buildSecrets } });

// The image comes first: a source that does not build, or a registry out of reach, changes nothing in the cluster.
const cluster = { provider: connect(settings.cluster), dependsOn: [release] };

const namespace = new AppNamespace("app", { name: settings.namespace, protect: settings.database?.protect }, cluster)
  .name;

const database =
  settings.database &&
  new Database("database", { ...settings.database, namespace, password: settings.databasePassword ?? "" }, cluster);

const web = new WebApp(
  "web",
  { ...settings.web, namespace, image: release.image, secrets: settings.secrets, database: database?.connection },
  cluster,
);

/** Where the application is served. */
export const url = web.url;
/** The image that runs, by digest. */
export const image = release.image;
