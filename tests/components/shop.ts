import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "../../components/database.ts";
import type { WebAppArgs } from "../../components/web.ts";

/** Connection of the application that the tests deploy. */
export const connection: DatabaseConnection = {
  host: pulumi.output("database"),
  port: 5432,
  name: "orders",
  user: pulumi.output("database-credentials-1"),
  secret: pulumi.output("database-credentials-1"),
  urlKey: pulumi.output("password"),
  image: "postgres:17",
  clientLabels: { "slipway/database-client": "true" },
};

/** Arguments of the application that the tests deploy. */
export const webArgs: WebAppArgs = {
  waitForRollout: ({ metadata }) => metadata.name,
  namespace: "shop",
  image: "registry.example.com/shop@sha256:abc",
  port: 8000,
  replicas: { min: 2, max: 2 },
  migrate: ["migrate", "up"],
  migrateSeconds: 120,
  environment: { LOG_LEVEL: "info" },
  secrets: {},
  probes: { live: "/live", ready: "/ready", startSeconds: 60 },
  resources: { cpu: "100m", cpuLimit: "1", memory: "256Mi" },
  user: 10001,
  stopSeconds: 30,
  deadlineSeconds: 180,
  database: connection,
};

/** Asserts that a pod is restricted and limited, and that its containers write to these volumes only. */
// biome-ignore lint/suspicious/noExplicitAny: a pod, as the engine receives it
export function assertRestricted(pod: any, user: number, writable: string[]): void {
  assert.equal(pod.automountServiceAccountToken, false);
  assert.deepEqual(pod.securityContext, {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  });
  const mounts: { name: string; readOnly?: boolean }[] = [];
  for (const { securityContext, resources, volumeMounts } of pod.containers) {
    assert.deepEqual(securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(Object.keys(resources).sort(), ["limits", "requests"]);
    mounts.push(...volumeMounts);
  }
  assert.deepEqual(
    mounts.filter(({ readOnly }) => !readOnly).map(({ name }) => name),
    writable,
  );
}
