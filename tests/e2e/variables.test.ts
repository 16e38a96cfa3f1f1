import assert from "node:assert/strict";
import { attempt, run } from "../../sandbox/command.ts";
import { cluster } from "../../sandbox/paths.ts";
import { Project } from "./project.ts";

const url = (password: string, database = "$(PGDATABASE)") =>
  `postgres://$(PGUSER):$(${password})@$(PGHOST):$(PGPORT)/${database}`;

/** Runs Python in the application's container. */
async function python(project: Project, code: string): Promise<string> {
  const [deployment] = await project.objects("deployment");
  return (await project.kubectl("exec", `deployment/${deployment.metadata.name}`, "--", "python", "-c", code)).trim();
}

/** Connects to a URL in a variable. @returns the names of database and role there */
const connect = (project: Project, variable: string) =>
  python(
    project,
    `import os, psycopg; print(*psycopg.connect(os.environ["${variable}"]).execute("SELECT current_database(), current_user").fetchone())`,
  );

describe("Variables of an application", () => {
  const project = Project.forSuite("variables");
  const texts = { DOLLARS: "$$", WORD: "pa$$word", UNKNOWN: "$(NOT_THERE) $$(NOT_THERE)", WRITTEN: "$$(PGHOST)" };

  it("have a URL of the database that works, of references to the program's variables", async () => {
    await project.create();
    await project.setSecret("databasePassword", "correct-horse_1.~");
    await project.setSecret("secrets.TOKEN", "s3cr$$et");
    project.set("web.environment", { DATABASE_URL: url("PGPASSWORD"), SAME_URL: "$(DATABASE_URL)", ...texts });
    project.set("web.environment", { A_TOKEN: "of $(TOKEN), $(WORD)" });
    project.set("web", { replicas: 1 });
    await project.up();
    assert.equal(await connect(project, "DATABASE_URL"), "app app");
    assert.equal(await connect(project, "SAME_URL"), "app app");
  });

  it("arrive as they are written", async () => {
    const expected = { ...texts, WRITTEN: "$(PGHOST)", A_TOKEN: "of s3cr$$et, pa$$word" };
    const names = JSON.stringify(Object.keys(expected));
    const values = await python(project, `import os, json; print(json.dumps({n: os.environ[n] for n in ${names}}))`);
    assert.deepEqual(JSON.parse(values), expected);
  });

  it("refuse a password in a URL that has other characters, and have it encoded under another name", async () => {
    await project.setSecret("databasePassword", "pa/ss#wo?rd@$1");
    const refusal = await project.failingPreview();
    assert.match(refusal, /DATABASE_URL; allowed: a URL with \$\(PGPASSWORD_URL\) instead of \$\(PGPASSWORD\)/);
    assert.doesNotMatch(refusal, /pa\/ss/);
    project.set("web.environment", { DATABASE_URL: url("PGPASSWORD_URL") });
    await project.up();
    assert.equal(await connect(project, "DATABASE_URL"), "app app");
  });

  it("lead to further databases of the same owner, created before the application starts", async () => {
    const before = await project.field("statefulset/database", ".status.currentRevision");
    project.set("database", { databases: ["queue", "cache"] });
    project.set("web.environment", {
      QUEUE_URL: url("PGPASSWORD_URL", "queue"),
      CACHE_URL: url("PGPASSWORD_URL", "cache"),
    });
    await project.up();
    assert.equal(await connect(project, "QUEUE_URL"), "queue app");
    assert.equal(await connect(project, "CACHE_URL"), "cache app");
    assert.notEqual(await project.field("statefulset/database", ".status.updateRevision"), before);
    await project.assertNoChanges();
  });

  it("lead no more to a database that is not listed any more, whose data stays", async () => {
    await python(
      project,
      'import os, psycopg; psycopg.connect(os.environ["QUEUE_URL"], autocommit=True).execute("CREATE TABLE kept ()")',
    );
    project.set("database", { databases: ["cache"] });
    await project.up();
    await assert.rejects(connect(project, "QUEUE_URL"), /no pg_hba.conf entry/);
    assert.equal(await connect(project, "CACHE_URL"), "cache app");
    assert.equal(await project.query("SELECT to_regclass('kept') IS NOT NULL", "queue"), "t");
  });
});

describe("A database elsewhere", () => {
  const project = new Project("elsewhere");
  const namespace = `${project.namespace}-server`;
  const kubectl = (...args: string[]) => attempt(["kubectl", ...args], { env: project.env });
  const password = "of/another#server";
  const external = {
    host: `postgres.${namespace}.svc.${cluster.dnsDomain}`,
    name: "orders",
    user: "shop",
    addresses: [namespace],
    tls: { mode: "disable" },
  };

  before(async () => {
    await kubectl("delete", "namespace", namespace, "--ignore-not-found");
    await kubectl("create", "namespace", namespace);
    await startServer();
  });

  after(async () => {
    await project.remove();
    await kubectl("delete", "namespace", namespace, "--ignore-not-found");
  });

  /** Starts a server that the project knows nothing of. */
  async function startServer(): Promise<void> {
    const metadata = { name: "postgres", namespace, labels: { app: "postgres" } };
    const PGDATA = "/var/lib/postgresql/data/pgdata";
    const env = Object.entries({ POSTGRES_USER: "shop", POSTGRES_PASSWORD: password, POSTGRES_DB: "orders", PGDATA });
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: {
        securityContext: { runAsUser: 999, runAsGroup: 999, fsGroup: 999 },
        volumes: [{ name: "data", emptyDir: {} }],
        containers: [
          {
            name: "postgres",
            image: "postgres:17",
            volumeMounts: [{ name: "data", mountPath: "/var/lib/postgresql/data" }],
            env: env.map(([name, value]) => ({ name, value })),
            readinessProbe: { exec: { command: ["pg_isready", "--host=127.0.0.1"] }, periodSeconds: 1 },
          },
        ],
      },
    };
    const spec = { selector: metadata.labels, ports: [{ port: 5432 }] };
    const items = [pod, { apiVersion: "v1", kind: "Service", metadata, spec }];
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    await run(["kubectl", "apply", "--filename=-"], { env: project.env, input });
    await run(
      ["kubectl", "wait", "pod/postgres", "--namespace", namespace, "--for=condition=Ready", "--timeout=120s"],
      {
        env: project.env,
      },
    );
  }

  it("is migrated and used as one in a container, without any container, claim or Job of its own", async () => {
    project.configure((config) => {
      config["slipway:database"] = { external };
    });
    await project.create();
    await project.setSecret("databasePassword", password);
    project.set("web.environment", { DATABASE_URL: url("PGPASSWORD_URL") });
    project.set("web", { replicas: 1 });
    await project.up();
    assert.equal(await connect(project, "DATABASE_URL"), "orders shop");
    assert.equal(await project.kubectl("get", "statefulsets,persistentvolumeclaims", "--output", "name"), "");
    assert.equal((await project.objects("job")).length, 1, "the migration");
    await project.assertNoChanges();
  });

  it("is the only destination outside the environment", async () => {
    const code = (host: string, port: number) =>
      `import socket\ntry: socket.create_connection(("${host}", ${port}), 2); print("reached")\nexcept OSError: print("refused")`;
    assert.equal(await python(project, code(external.host, 5432)), "reached");
    assert.equal(await python(project, code(cluster.apiServiceAddress, 443)), "refused");
  });

  it("cannot replace a database in a container, whose volume would be deleted", async () => {
    const other = new Project("moved");
    try {
      await other.deploy({ replicas: 1 });
      const refusal = await other.refusedPreview((config) => {
        config["slipway:database"] = { external };
      });
      assert.match(refusal, /slipway:database is gone, or elsewhere: its volume would be deleted/);
    } finally {
      await other.remove();
    }
  });
});
