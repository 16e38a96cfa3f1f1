import { type Control, eachContainer, eachPod, edit, requiresControls } from "./controls.ts";
import { kubeScore } from "./lint.ts";
import { drop, one } from "./objects.ts";

const web = /^Deployment web-/;
const servers = /^(Deployment web-|StatefulSet database)/;

const controls: Control[] = [
  {
    what: "a read-only root filesystem",
    remove: eachContainer((each) => Object.assign(each.securityContext, { readOnlyRootFilesystem: false })),
    expect: /readonlyrootfilesystem/,
  },
  { what: "seccomp", remove: eachPod((spec) => delete spec.securityContext.seccompProfile), expect: /seccomp-profile/ },
  {
    what: "a user of its own",
    remove: eachPod((spec) => delete spec.securityContext.runAsUser),
    expect: /user-group-id.*low user ID/,
    objects: /^(Deployment web|Job web-migration)-/,
  },
  { what: "limits", remove: eachContainer((each) => delete each.resources.limits), expect: /^container-resources/ },
  { what: "requests", remove: eachContainer((each) => delete each.resources.requests), expect: /^container-resources/ },
  {
    what: "memory requests equal to limits",
    remove: eachContainer((each) => Object.assign(each.resources.requests, { memory: "1Mi" })),
    expect: /^container-memory-requests-equal-limits/,
  },
  {
    what: "a readiness probe",
    remove: eachContainer((each) => delete each.readinessProbe),
    expect: /^pod-probes .*readinessProbe/,
    objects: servers,
  },
  {
    what: "a liveness probe",
    remove: eachContainer((each) => delete each.livenessProbe),
    expect: /^pod-probes .*livenessProbe/,
    objects: servers,
  },
  {
    what: "a liveness probe that is not the readiness probe",
    remove: eachContainer((each) => {
      if (each.livenessProbe?.httpGet) each.livenessProbe = each.readinessProbe;
    }),
    expect: /^pod-probes-identical/,
    objects: web,
  },
  {
    what: "network policies",
    remove: (all) => drop(all, ({ kind }) => kind === "NetworkPolicy"),
    expect: /^pod-networkpolicy/,
  },
  {
    what: "default-deny policies",
    remove: (all) => drop(all, ({ metadata }) => metadata.name.startsWith("app-deny")),
    expect: /^pod-networkpolicy/,
    objects: /^(Cron)?Job/, // other pods have policies of their own for both directions
  },
  {
    what: "an image other than latest",
    remove: eachContainer((each) => Object.assign(each, { image: "registry.example.com/team/app:latest" })),
    expect: /^container-image-tag/,
  },
  {
    what: "variables without duplicates",
    remove: eachContainer((each) => {
      each.env = [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
      ];
    }),
    expect: /^environment-variable-key-duplication/,
  },
  {
    what: "a disruption budget",
    remove: (all) => drop(all, ({ kind }) => kind === "PodDisruptionBudget"),
    expect: /^deployment-has-poddisruptionbudget/,
    objects: web,
  },
  {
    what: "a limit in the disruption budget",
    remove: edit("PodDisruptionBudget", (each) => delete each.spec.maxUnavailable),
    expect: /^poddisruptionbudget-has-policy/,
    objects: /^PodDisruptionBudget/,
  },
  {
    what: "a rollout without a gap",
    remove: edit("Deployment", (each) => Object.assign(each.spec, { strategy: { type: "Recreate" } })),
    expect: /^deployment-strategy/,
    objects: web,
  },
  {
    what: "more than one pod",
    remove: edit("HorizontalPodAutoscaler", (each) => Object.assign(each.spec, { minReplicas: 1 })),
    expect: /^horizontalpodautoscaler-replicas/,
    objects: /^HorizontalPodAutoscaler/,
  },
  {
    what: "more than one pod if the number is fixed",
    remove: (all) => {
      drop(all, ({ kind }) => kind === "HorizontalPodAutoscaler");
      one(all, "Deployment").spec.replicas = 1;
    },
    expect: /^deployment-replicas/,
    objects: web,
  },
  {
    what: "no fixed number of pods beside an autoscaler",
    remove: edit("Deployment", (each) => Object.assign(each.spec, { replicas: 3 })),
    expect: /^deployment-targeted-by-hpa/,
    objects: web,
  },
  {
    what: "a Service that selects its pods",
    remove: edit("Service", (each) => Object.assign(each.spec, { selector: { a: "b" } }), "web"),
    expect: /^service-targets-pod/,
    objects: /^Service web/,
  },
  {
    what: "an Ingress with an existing Service",
    remove: (all) => drop(all, ({ kind, metadata }) => kind === "Service" && metadata.name === "web"),
    expect: /^ingress-targets-service/,
    objects: /^Ingress /,
  },
  {
    what: "a deadline for backups",
    remove: edit("CronJob", (each) => delete each.spec.startingDeadlineSeconds),
    expect: /^cronjob-has-deadline/,
    objects: /^CronJob/,
  },
];

describe("kube-score", () => requiresControls(kubeScore, controls));
