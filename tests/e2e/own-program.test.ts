import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../sandbox/paths.ts";
import { Project } from "./project.ts";

describe("A component in somebody else's program, end to end", () => {
  const project = new Project("own-program");
  const folder = join("tests", "e2e", "own-program");

  before(async () => {
    cpSync(join(repository, folder), project.path(folder), { recursive: true });
    project.edit(
      "Pulumi.yaml",
      () => `name: elsewhere\nruntime: { name: nodejs, options: { typescript: false } }\nmain: ${folder}/index.ts\n`,
    );
    await project.create();
  });

  after(() => project.remove());

  const query = (server: string, sql: string) => project.query(sql, "app", server);

  it("comes up twice, under names of that program's own", async () => {
    await project.up();
    assert.deepEqual(JSON.parse(await project.output("claims")), ["orders-data", "customers-data"]);
    await query("orders", "create table mine (id int)");
    assert.equal(await query("orders", "select count(*) from mine"), "0");
    await assert.rejects(query("customers", "select count(*) from mine"), /relation "mine" does not exist/);
  });

  it("has nothing to do the second time, and keeps no password in the state", async () => {
    const { code, stdout } = await project.preview("--expect-no-changes");
    assert.equal(code, 0, stdout);
    const state = readFileSync(
      project.path("state", ".pulumi", "stacks", "elsewhere", `${project.stack}.json`),
      "utf8",
    );
    assert.match(state, /slipway:index:Database/);
    assert.doesNotMatch(state, /in tests/);
  });
});
