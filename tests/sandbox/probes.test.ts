import assert from "node:assert/strict";
import { Server, ServerCredentials, type sendUnaryData, status } from "@grpc/grpc-js";
import { containerdAnswers } from "../../sandbox/probes.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

describe("The probe of containerd", () => {
  const folder = new TemporaryFolder("suite");
  const socket = folder.path("containerd.sock");
  const server = new Server();
  let serves = false;

  before((done) => {
    const asIs = (bytes: Buffer) => bytes;
    const format = { requestStream: false, responseStream: false };
    const message = {
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    };
    const version = (_: unknown, reply: sendUnaryData<Buffer>) =>
      serves ? reply(null, Buffer.alloc(0)) : reply({ code: status.UNKNOWN, details: "server is not initialized yet" });
    server.addService({ version: { path: "/runtime.v1.RuntimeService/Version", ...format, ...message } }, { version });
    server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), done);
  });

  after(() => server.forceShutdown());

  it("fails until containerd serves Kubernetes, even if it accepts requests", async () => {
    await assert.rejects(containerdAnswers(socket), /not initialized yet/);
    serves = true;
    await containerdAnswers(socket);
    await assert.rejects(containerdAnswers(folder.path("nobody")), /UNAVAILABLE/);
  });
});
