import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Project } from "./project.ts";

describe("The component Database in another team's program, end to end", () => {
  const project = Project.forSuite("own-program");
  const folder = "tests/e2e/own-program";

  before(async () => {
    project.copy(folder);
    project.edit(
      "Pulumi.yaml",
      () => `name: elsewhere\nruntime: { name: nodejs, options: { typescript: false } }\nmain: ${folder}/index.ts\n`,
    );
    await project.create();
  });

  const query = (server: string, sql: string) => project.query(sql, "app", server);

  it("is deployed twice, under that program's own names", async () => {
    await project.up();
    assert.deepEqual(JSON.parse(await project.output("claims")), ["orders-data", "customers-data"]);
    await query("orders", "create table mine (id int)");
    assert.equal(await query("orders", "select count(*) from mine"), "0");
    await assert.rejects(query("customers", "select count(*) from mine"), /relation "mine" does not exist/);
  });

  it("has nothing to do the second time, and no password in the state", async () => {
    await project.assertNoChanges();
    const state = readFileSync(project.stateFile("elsewhere"), "utf8");
    assert.match(state, /slipway:index:Database/);
    assert.doesNotMatch(state, /in tests/);
  });
});
