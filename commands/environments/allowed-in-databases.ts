import type { Allowance } from "./allowed.ts";

/** Everything that environments may differ in if the database of one is in a container, and that of another is elsewhere. */
export const allowedInDatabases: readonly Allowance[] = [
  {
    what: "database",
    reason: "one environment has its database in a container, another one elsewhere, on a server of its own",
    fields:
      /^(Deployment|Job|CronJob) .*\.env\[PG(HOST|PORT|USER)\]\.value$|^(Deployment|Job|CronJob) .*\.env\[PGSSL(MODE|ROOTCERT)\](\.value)?$/,
    mayBeMissing: true,
  },
  {
    what: "database",
    reason: "the addresses of a server elsewhere",
    fields: /^NetworkPolicy spec\.egress/,
    objects: /^database-access$/,
    mayBeMissing: true,
  },
  {
    what: "database",
    reason: "a server elsewhere has no container here",
    fields: /^(StatefulSet|Service|ServiceAccount|ConfigMap|Secret|Job|NetworkPolicy|PersistentVolumeClaim)$/,
    objects: /^database(-(service|account|scripts|login|login-open|login-close|clients|data))?$/,
    mayBeMissing: true,
  },
  {
    what: "database",
    reason: "the authorities of a server elsewhere, and no wait for a container",
    fields:
      /^ConfigMap( data\[ca\.crt\])?$|^(Deployment|Job|CronJob) .*(volumes\[database-authorities\]|volumeMounts\[\/etc\/slipway-database\])$|^(Job|CronJob) .*\.initContainers(\[await-database\])?$/,
    objects: /^(?!.*-(release|scripts)$)/,
    mayBeMissing: true,
  },
];
