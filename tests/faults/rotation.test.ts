import assert from "node:assert/strict";
import { Noticeboard } from "../e2e/noticeboard.ts";
import { Project } from "../e2e/project.ts";
import { killedUp } from "../e2e/running-up.ts";
import { stopwatch } from "../e2e/stopwatch.ts";
import { traffic } from "../e2e/traffic.ts";

const board = new Noticeboard(30093);

describe("A changed database password, end to end", () => {
  const project = Project.forSuite("rotation");
  let users: string[] = [];

  /** Logs in from an application's pod, as the server's own may connect to nothing. @returns the current role and if it is a superuser */
  const login = async (user: string, secret: string): Promise<string> => {
    const [web] = await project.objects("deployments");
    const code = `import psycopg, sys
row = psycopg.connect(host="database", dbname="app", user=sys.argv[1], password=sys.argv[2]).execute(
  "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
print(row[0], str(row[1]).lower())`;
    return project.kubectl("exec", `deployment/${web.metadata.name}`, "--", "python", "-c", code, user, secret);
  };

  const currentUser = async (): Promise<string> => {
    const template = "go-template={{.data.user | base64decode}}";
    return (await project.kubectl("get", "secret", "database-login", "--output", template)).trim();
  };

  const setPassword = (password: string) => project.setSecret("databasePassword", password);

  before(async () => {
    project.set("web", { nodePort: 30093 });
    await project.create();
    await setPassword("first-password");
    await project.up();
    users = [await currentUser()];
  });

  it("lets clients log in as the owner of the data, who is no superuser", async () => {
    assert.equal((await login(users[0] ?? "", "first-password")).trim(), "app false");
  });

  it("lets the superuser log in only through the server's socket", async () => {
    await assert.rejects(login("postgres", "first-password"), /pg_hba\.conf/);
    await assert.rejects(login("app", "first-password"), /not permitted to log in|authentication failed/);
  });

  it("works, and the old one is refused, without a failed request or a restart", async () => {
    const uid = () => project.field("pod/database-0", ".metadata.uid");
    const before = await uid();
    await setPassword("second-password");
    const seconds = stopwatch();
    const { requests, failures } = await traffic(board.url, () => project.up());
    console.log(`      rotated in ${seconds().toFixed(0)} s; ${requests} requests, ${failures.length} failed`);
    assert.deepEqual(failures, []);
    assert.ok(requests > 100);

    users.push(await currentUser());
    assert.equal((await login(users[1] ?? "", "second-password")).trim(), "app false");
    await assert.rejects(
      login(users[0] ?? "", "first-password"),
      /no pg_hba\.conf entry|authentication failed|not permitted/,
    );
    assert.equal(await uid(), before);
    await project.assertNoChanges();
  });

  it("works after the next `up` if earlier ones were killed, each at another step", async () => {
    const { requests, failures } = await traffic(board.url, async () => {
      for (const [index, step] of ["database-login", "database-login-open", "web", "database-login-close"].entries()) {
        await setPassword(`interrupted-${index}`);
        await killedUp(project, step);
      }
      await project.up();
    });
    console.log(`      four interruptions; ${requests} requests, ${failures.length} failed`);
    assert.deepEqual(failures, []);
    const user = await currentUser();
    assert.equal((await login(user, "interrupted-3")).trim(), "app false");
    const roles = "SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolcanlogin AND rolname <> 'postgres'";
    assert.equal(await project.query(roles), user);
    await board.ready("/health/ready");
  });

  it("is only in Secrets: not in logs, other objects or the state", async () => {
    const shown = [
      await project.kubectl("logs", "database-0", "--all-containers"),
      await project.kubectl("get", "all,configmaps,events,jobs", "--output", "yaml"),
      await project.ok("stack", "export", "--stack", project.stack),
    ];
    for (const text of shown) assert.doesNotMatch(text, /first-password|second-password|interrupted-\d/);
  });
});
