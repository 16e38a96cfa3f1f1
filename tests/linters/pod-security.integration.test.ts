import { type Control, eachContainer, eachPod, requiresControls } from "./controls.ts";
import { podSecurity } from "./lint.ts";

const restricted: Control[] = [
  {
    what: "runAsNonRoot",
    remove: eachPod((spec) => delete spec.securityContext.runAsNonRoot),
    expect: /^runAsNonRoot/,
  },
  {
    what: "a user that is not root",
    remove: eachPod((spec) => Object.assign(spec.securityContext, { runAsUser: 0 })),
    expect: /^runAsUser=0/,
  },
  {
    what: "dropped capabilities",
    remove: eachContainer((each) => delete each.securityContext.capabilities),
    expect: /^unrestricted capabilities/,
  },
  {
    what: "no added capability",
    remove: eachContainer((each) => Object.assign(each.securityContext.capabilities, { add: ["NET_ADMIN"] })),
    expect: /capabilities.*NET_ADMIN/,
  },
  {
    what: "allowPrivilegeEscalation: false",
    remove: eachContainer((each) => delete each.securityContext.allowPrivilegeEscalation),
    expect: /^allowPrivilegeEscalation/,
  },
  { what: "seccomp", remove: eachPod((spec) => delete spec.securityContext.seccompProfile), expect: /^seccompProfile/ },
  {
    what: "unprivileged containers",
    remove: eachContainer((each) => Object.assign(each.securityContext, { privileged: true })),
    expect: /^privileged/,
  },
  {
    what: "a network of its own",
    remove: eachPod((spec) => Object.assign(spec, { hostNetwork: true })),
    expect: /^host namespaces/,
  },
  {
    what: "no folder of the node",
    remove: eachPod((spec) => spec.volumes.push({ name: "x", hostPath: { path: "/" } })),
    expect: /^restricted volume types/,
  },
];

describe("The Pod Security evaluator", () => requiresControls(podSecurity, restricted));
