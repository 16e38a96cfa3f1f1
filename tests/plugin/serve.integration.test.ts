import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";
import rpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import { packageSchema } from "../../plugin/package-schema.ts";

describe("The plugin, as the language host starts it", () => {
  let plugin: ChildProcess;
  after(() => plugin.kill());

  it("tells its port and its schema", async () => {
    const engine = "127.0.0.1:1"; // nobody is there; a schema needs nobody
    const starter = "node_modules/@pulumi/pulumi/cmd/run-plugin/index.js";
    plugin = spawn(process.execPath, [starter, "plugin", engine], { stdio: ["ignore", "pipe", "inherit"] });
    assert.ok(plugin.stdout);
    const [port] = await once(createInterface(plugin.stdout), "line");
    const client = new rpc.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const schema = await new Promise<string>((resolve, reject) =>
      client.getSchema(new proto.GetSchemaRequest(), (error: Error | null, answer: proto.GetSchemaResponse) =>
        error ? reject(error) : resolve(answer.getSchema()),
      ),
    );
    client.close();
    assert.equal(schema, JSON.stringify(packageSchema()));
  });
});
