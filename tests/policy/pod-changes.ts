import type { Anything, Changes } from "./broken-environments.ts";

const digest = `sha256:${"e".repeat(64)}`;
const web = "Deployment web";
const server = "StatefulSet database";

/** What is done to the pods of an environment. */
export const toPods: Changes = {
  "image-by-digest": {
    "the application by its tag": (all) =>
      (all.container(web).image = all.container(web).image.replace(/@.*/, ":v1.1")),
    "the migration by its tag": (all) =>
      (all.container("Job web-migration").image =
        "111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/noticeboard:v1.1"),
    "a database of no version": (all) => (all.container(server).image = "postgres:latest"),
    "a backup of no version": (all) => (all.container("CronJob database-backups").image = "postgres"),
  },
  "image-registry": {
    "a database from elsewhere": (all) => (all.container(server).image = `ghcr.io/somebody/postgres:17@${digest}`),
    "somebody's image of Docker Hub": (all) => (all.container(web).image = `somebody/noticeboard@${digest}`),
  },
  "pod-restricted": {
    hostNetwork: (all) => (all.pod(web).hostNetwork = true),
    hostPID: (all) => (all.pod(web).hostPID = true),
    hostIPC: (all) => (all.pod(web).hostIPC = true),
    "a folder of the node": (all) =>
      all.pod("CronJob database-backups").volumes.push({ name: "host", hostPath: { path: "/" } }),
    "no seccomp": (all) => delete all.pod(server).securityContext.seccompProfile,
    "seccomp that holds nothing": (all) => (all.pod(server).securityContext.seccompProfile.type = "Unconfined"),
    "a pod that may be root": (all) => delete all.pod("Job database-login-open").securityContext.runAsNonRoot,
    "a container that may be root": (all) => (all.container(web).securityContext.runAsNonRoot = false),
    "root by its number": (all) => (all.container(web).securityContext.runAsUser = 0),
    "kept capabilities": (all) => delete all.container(web).securityContext.capabilities,
    "an added capability": (all) => (all.container(web).securityContext.capabilities.add = ["NET_ADMIN"]),
    "a way to privileges": (all) => delete all.container(server).securityContext.allowPrivilegeEscalation,
    "a privileged container": (all) => (all.container(server).securityContext.privileged = true),
    "a port of the node": (all) => (all.container(web).ports[0].hostPort = 80),
    "an init container without any of it": (all) => {
      const { resources, image } = all.container(web);
      all.pod(web).initContainers = [
        { name: "first", image, resources, securityContext: { readOnlyRootFilesystem: true } },
      ];
    },
  },
  "pod-read-only": {
    "a root filesystem that can be written to": (all) =>
      (all.container("Job web-migration").securityContext.readOnlyRootFilesystem = false),
  },
  "pod-without-token": {
    "the token of a service account": (all) => delete all.pod(server).automountServiceAccountToken,
  },
  "namespace-restricted": {
    "a namespace that admits all pods": (all) =>
      delete all.one("Namespace app").props.metadata.labels["pod-security.kubernetes.io/enforce"],
    "a namespace that admits more": (all) =>
      (all.one("Namespace app").props.metadata.labels["pod-security.kubernetes.io/enforce"] = "baseline"),
  },
  "plain-secret": {
    "the database's password as a value": (all) => {
      const variable = all.container(web).env.find(({ name }: Anything) => name === "PGPASSWORD");
      variable.valueFrom = undefined;
      variable.value = "hunter2";
    },
    "an address with a password": (all) =>
      all.container(web).env.push({ name: "BROKER", value: "amqp://app:hunter2@queue:5672" }),
    "a key in a ConfigMap": (all) =>
      (all.one("ConfigMap web-release").props.data["tls.key"] = "-----BEGIN PRIVATE KEY-----\nMIIE"),
  },
  "container-probes": {
    "no readiness probe": (all) => delete all.container(web).readinessProbe,
    "no liveness probe": (all) => delete all.container(server).livenessProbe,
  },
  "container-resources": {
    "no requests of cpu": (all) => delete all.container("CronJob database-backups").resources.requests.cpu,
    "no requests of memory": (all) => delete all.container("CronJob database-backups").resources.requests.memory,
    "no limits of cpu": (all) => delete all.container("CronJob database-backups").resources.limits.cpu,
    "no limits of memory": (all) => delete all.container("CronJob database-backups").resources.limits.memory,
  },
};
