import assert from "node:assert/strict";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import { Engine } from "../../../../sandbox/plugins/engine.ts";
import { kubernetesHandlers } from "../../../../sandbox/plugins/kubernetes/provider.ts";
import { type Properties, toStruct } from "../../../../sandbox/plugins/properties.ts";

describe("The provider's own settings", () => {
  const { diffConfig } = kubernetesHandlers(new Engine(""), new AbortController().signal);
  const changed = async (old: Properties, now: Properties): Promise<string[]> => {
    const request = new providerProto.DiffRequest();
    request.setOlds(toStruct(old));
    request.setNews(toStruct(now));
    const response = (await diffConfig?.(request)) as InstanceType<typeof providerProto.DiffResponse>;
    return response.getDiffsList();
  };

  it("are the same in whatever order the engine sends their members", async () => {
    const one = { clusterIdentifier: "c", helmReleaseSettings: { driver: "secret", timeout: "10" } };
    const same = { helmReleaseSettings: { timeout: "10", driver: "secret" }, clusterIdentifier: "c" };
    assert.deepEqual(await changed(one, same), []);
    assert.deepEqual(await changed(one, { ...same, helmReleaseSettings: { driver: "memory" } }), [
      "helmReleaseSettings",
    ]);
  });
});
