import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Database } from "../../../components/database.ts";

// A program of another team, with its own names, that uses one component.
const namespace = `noticeboard-${pulumi.getStack()}`;
const provider = new k8s.Provider("cluster", { context: "slipway-sandbox" });
const team = new k8s.core.v1.Namespace("team", { metadata: { name: namespace } }, { provider });

const databases = ["orders", "customers"].map(
  (name) =>
    new Database(
      name,
      {
        namespace: team.metadata.name,
        image: "postgres:17",
        password: pulumi.secret(`of ${name} in tests`),
        storage: "1Gi",
        resources: { cpu: "10m", cpuLimit: "1", memory: "256Mi" },
      },
      { provider },
    ),
);

export const claims = databases.map(({ claim }) => claim);
