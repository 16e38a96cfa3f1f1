import assert from "node:assert/strict";
import { eventually } from "../../sandbox/eventually.ts";
import { killedUp } from "../e2e/killed-up.ts";
import { Project } from "../e2e/project.ts";
import { traffic } from "../e2e/traffic.ts";

const url = "http://localhost:30093";

describe("A changed database password, end to end", () => {
  const project = new Project("rotation");
  let logins: string[] = [];

  /** What comes of a look at the database over the network, from a pod that is let in, as this role. */
  const look = (user: string, secret: string): Promise<string> =>
    project.kubectl(
      ...["exec", "database-0", "--container=postgres", "--", "env", `PGPASSWORD=${secret}`, "psql", "--no-psqlrc"],
      ...["--host=database", `--username=${user}`, "--dbname=app", "--tuples-only", "--no-align"],
      "--command=SELECT current_user || ' ' || rolsuper FROM pg_roles WHERE rolname = current_user",
    );

  const loginNow = async (): Promise<string> => {
    const user = await project.kubectl(
      ...["get", "secret", "database-login", "--output", "go-template={{.data.user | base64decode}}"],
    );
    return user.trim();
  };

  const setPassword = (password: string) =>
    project.ok("config", "set", "--secret", "databasePassword", password, "--stack", project.stack);

  before(async () => {
    project.configure((config) => {
      config["slipway:web"].nodePort = 30093;
    });
    await project.create();
    await setPassword("first-password");
    await project.up();
    logins = [await loginNow()];
  });

  after(() => project.remove());

  it("lets clients in as the owner of the data, who is no superuser", async () => {
    assert.equal((await look(logins[0] ?? "", "first-password")).trim(), "app false");
  });

  it("lets the superuser in from nowhere but the server's own socket", async () => {
    await assert.rejects(look("postgres", "first-password"), /pg_hba\.conf/);
    await assert.rejects(look("app", "first-password"), /not permitted to log in|authentication failed/);
  });

  it("ends with the new one working and the old one refused, without a failed request or a restart", async () => {
    const uid = () => project.kubectl("get", "pod", "database-0", "--output", "jsonpath={.metadata.uid}");
    const before = await uid();
    await setPassword("second-password");
    const started = Date.now();
    const { requests, failures } = await traffic(url, () => project.up());
    const seconds = (Date.now() - started) / 1000;
    console.log(`      rotated in ${seconds.toFixed(0)} s; ${requests} requests, ${failures.length} failed`);
    assert.deepEqual(failures, []);
    assert.ok(requests > 100);

    logins.push(await loginNow());
    assert.equal((await look(logins[1] ?? "", "second-password")).trim(), "app false");
    await assert.rejects(
      look(logins[0] ?? "", "first-password"),
      /no pg_hba\.conf entry|authentication failed|not permitted/,
    );
    assert.equal(await uid(), before);
    const { code, stdout } = await project.preview("--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  it("finishes what an interrupted rotation began, wherever that was", async () => {
    const { requests, failures } = await traffic(url, async () => {
      for (const [index, step] of ["database-login", "database-login-open", "web", "database-login-close"].entries()) {
        await setPassword(`interrupted-${index}`);
        await killedUp(project, step);
      }
      await project.up();
    });
    console.log(`      four interruptions; ${requests} requests, ${failures.length} failed`);
    assert.deepEqual(failures, []);
    const login = await loginNow();
    assert.equal((await look(login, "interrupted-3")).trim(), "app false");
    const open = await project.kubectl(
      ...["exec", "database-0", "--container=logins", "--", "psql", "--tuples-only", "--no-align"],
      "--command=SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolcanlogin AND rolname <> 'postgres'",
    );
    assert.equal(open.trim(), login);
    await eventually(async () => assert.equal((await fetch(`${url}/health/ready`)).status, 200));
  });

  it("shows the password nowhere but in Secrets", async () => {
    const shown = [
      await project.kubectl("logs", "database-0", "--all-containers"),
      await project.kubectl("get", "all,configmaps,events,jobs", "--output", "yaml"),
      await project.ok("stack", "export", "--stack", project.stack),
    ];
    for (const text of shown) assert.doesNotMatch(text, /first-password|second-password|interrupted-\d/);
  });
});
