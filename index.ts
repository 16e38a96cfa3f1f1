import { connect } from "./components/cluster.ts";
import { readContent } from "./components/content-key.ts";
import { Database } from "./components/database.ts";
import { AppNamespace } from "./components/namespace.ts";
import { Release } from "./components/release.ts";
import { WebApp } from "./components/web.ts";
import { checkReachable } from "./reachable.ts";
import { loadSettings } from "./settings.ts";

const settings = loadSettings(); // one typed object, or one error with every problem in it

const { repository, build } = settings.release;
const content = readContent(build);
await checkReachable(settings, content.key); // cluster, registry and builder, before anything is changed

const release = new Release("app", { repository, content, builder: build.builder, secrets: settings.buildSecrets });

// The namespace, and with it all that follows, waits for the image: source that does not build changes nothing there.
const provider = connect(settings.cluster);
const protect = settings.database?.protect;
const { name: namespace } = new AppNamespace(
  "app",
  { name: settings.namespace, protect },
  { provider, dependsOn: release },
);

const database =
  settings.database &&
  new Database(
    "database",
    { ...settings.database, namespace, password: settings.databasePassword ?? "" },
    { provider },
  );

const web = new WebApp(
  "web",
  { ...settings.web, namespace, image: release.image, secrets: settings.secrets, database: database?.connection },
  { provider },
);

/** Where the application is served. */
export const url = web.url;
/** The image that runs, by digest. */
export const image = release.image;
