import { count, resourceName, type Sentence, say, show } from "../cli/sentence.ts";
import type { FieldDifference } from "../environments/differences.ts";
import { changedFields } from "../preview/changed-fields.ts";
import { isRegenerated } from "../preview/generated-names.ts";
import { array, metadataOf, podOf, specOf } from "../preview/manifest.ts";
import type { State, Step } from "../preview/preview.ts";
import { changedDestinations } from "./destinations.ts";
import { shortName } from "./field-name.ts";
import { verbs } from "./verbs.ts";

/** Returns a sentence for each change of who may reach or do what. */
export function accessChanges(step: Step): Sentence[] {
  const { op, kind, type } = step;
  if (op === "same" || (op === "create" && !step.missing && kind === "Namespace")) return [];
  if (!type.startsWith("kubernetes:")) return cloudAccess(step);
  switch (kind) {
    case "NetworkPolicy":
      return networkPolicy(step);
    case "Role":
    case "ClusterRole":
    case "RoleBinding":
    case "ClusterRoleBinding":
      return [say`${resourceName(step)} ${verb(step)}${fields(step)}`];
    case "Namespace":
      return podSecurity(step);
    case "Service":
    case "Ingress":
      return op === "delete"
        ? [say`${resourceName(step)} is deleted: what it served can't be reached through it any more`]
        : opened(step);
    default:
      return loosened(step);
  }
}

const verb = ({ op, missing }: Step): Sentence => [missing ? "is missing" : verbs[op]];

const fields = (step: Step, changes = changedFields(step)): Sentence => {
  const [first, ...rest] = changes;
  if (!first) return [];
  const more = rest.length > 0 ? ` and ${count(rest.length, "more field")}` : "";
  return say`: ${shortName(first.field)} ${show(first.left)} → ${show(first.right)}${[more]}`;
};

/** Says what a policy allows or forbids from now on. Without rules it only forbids; with rules it also allows traffic, which its deletion may stop or open to all. */
function networkPolicy(step: Step): Sentence[] {
  const { op, name, before, missing } = step;
  const what = say`network policy ${name}`;
  if (op === "create" && missing) return [say`${what} was deleted outside Pulumi, and is created again`];
  if (op !== "delete" && !missing) {
    const destinations = changedDestinations(step);
    const others = changedFields(step).filter(({ field }) => !(destinations && field.startsWith("spec.egress")));
    // A new policy without destinations opens nothing.
    const isChanged = others.length > 0 || !(destinations || op === "create");
    return [
      ...(destinations ? [say`${what} ${verb(step)}: ${selected(step.after)} ${destinations}`] : []),
      ...(isChanged ? [say`${what} ${verb(step)}${fields(step, others)}`] : []),
    ];
  }
  const { ingress, egress, policyTypes = ["Ingress"] } = specOf(before);
  const rules = [...array(ingress), ...array(egress)];
  const who = selected(before);
  const deleted = missing ? "was deleted outside Pulumi" : "is deleted";
  if (rules.length === 0)
    return [say`${what} ${[deleted]}: ${who} may do what it forbade (${show(policyTypes.join(", "))})`];
  const allowed = rules.flatMap(({ ports }) => array(ports).map(({ port }) => String(port)));
  const traffic = allowed.length > 0 ? say`port ${show(allowed.join(", "))}` : ["any port"];
  const direction = String(policyTypes.join(" and ")).toLowerCase();
  return [
    say`${what} ${[deleted]}: ${who} lose the ${direction} it allowed (${traffic}) if another policy applies, and are open to all if none does`,
  ];
}

function selected(state?: State): Sentence {
  const labels = Object.entries(specOf(state).podSelector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  return labels.length > 0 ? say`pods with ${show(labels.join(", "))}` : ["all pods of the namespace"];
}

function podSecurity(step: Step): Sentence[] {
  return changedFields(step)
    .filter(({ field }) => field.includes("pod-security.kubernetes.io/enforce"))
    .map(({ left, right }) => say`namespace ${step.name} admits other pods: ${show(left)} → ${show(right)}`);
}

/** Reports a new way in from outside the cluster. */
function opened({ kind, name, before, after }: Step): Sentence[] {
  if (kind === "Service") {
    const [from = "ClusterIP", to = "ClusterIP"] = [before, after].map((state) => specOf(state).type);
    const outside = /^(NodePort|LoadBalancer)$/.test(to);
    return after && outside && from !== to
      ? [say`Service ${name} is reached from outside the cluster: ${from} → ${show(to)}`]
      : [];
  }
  if (!after) return [];
  const hosts = (state?: State) =>
    array(specOf(state).rules)
      .flatMap(({ host = "any host", http }) => {
        const paths = array(http?.paths).map(({ path = "/" }) => (path === "/" ? host : `${host}${path}`));
        return paths.length > 0 ? paths : [host];
      })
      .join(", ");
  return hosts(before) === hosts(after)
    ? []
    : [say`Ingress ${name} serves ${show(hosts(before) || "nothing")} → ${show(hosts(after))}`];
}

const guards =
  /securityContext|hostNetwork|hostPID|hostIPC|hostPath|hostPort|automountServiceAccountToken|serviceAccountName/;

/** Access to the node in a value that is added whole, as a volume or a container. */
const leadsOut = /"(hostPath|hostPort)":|"privileged":true/;

function loosened(step: Step): Sentence[] {
  if (!podOf(step.kind, step.after) || !podOf(step.kind, step.before)) return [];
  return changedFields(step)
    .filter(
      ({ field, left, right }) =>
        (guards.test(field) && !isRegenerated(left, right)) || leadsOut.test(JSON.stringify(right) ?? ""),
    )
    .map((change) => changed(step, change));
}

const changed = (step: Step, { field, left, right }: FieldDifference): Sentence =>
  say`${resourceName(step)}: ${shortName(field)} ${show(left)} → ${show(right)}`;

/** Types that control access in AWS, with the fields that do so if not all do. */
const guardsCloud: readonly [type: RegExp, fields?: RegExp][] = [
  [/^aws:iam\/|^aws:(ec2|vpc)\/securityGroup/],
  [/^aws:eks\/(accessEntry|accessPolicyAssociation|podIdentityAssociation)/],
  [/^aws:s3\/bucket(Policy|PublicAccessBlock|Acl|OwnershipControls)/],
  [/^aws:(ecr\/(repository|registry)Policy|kms\/(grant|keyPolicy))/],
  [/^aws:kms\/key:/, /^policy\b/],
  [/^aws:eks\/cluster:/, /^(accessConfig|vpcConfig\.(endpoint|publicAccess)\w+)\b/],
];

function cloudAccess(step: Step): Sentence[] {
  const guard = guardsCloud.find(([type]) => type.test(step.type));
  if (!guard) return [];
  const [, of] = guard;
  if (!of) return [say`${resourceName(step)} ${verb(step)}${fields(step)}`];
  return changedFields(step)
    .filter(({ field }) => of.test(field))
    .map((change) => changed(step, change));
}

/** Reports the reason for which an unverified release runs, from the Deployment's annotation. */
export const breakGlass = ({ before, after }: Step): Sentence[] => {
  const [from, to] = [before, after].map((state) => metadataOf(state).annotations?.["slipway/break-glass"]);
  return to !== undefined && to !== from ? [say`runs although it was never verified: ${show(to, 200)}`] : [];
};
