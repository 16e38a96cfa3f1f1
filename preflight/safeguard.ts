import * as pulumi from "@pulumi/pulumi";
import { patchForce } from "../cluster/annotations.ts";
import { UserError } from "../settings/user-error.ts";

/** Types of resources that data is lost with: claims, what holds them, and the way to the cluster, with which all of its objects go. */
const guarded: Readonly<Record<string, string>> = {
  "kubernetes:core/v1:PersistentVolumeClaim": "claim",
  "kubernetes:core/v1:Namespace": "namespace",
  "pulumi:providers:kubernetes": "cluster",
};

/** The stack's claims, namespaces and clusters, as in `claim database-data`: its output `guarded`. */
export interface Safeguard {
  /** All of them. @throws UserError, in a preview too, where one that the last `up` recorded is no longer asked for */
  present(): pulumi.Output<string[]>;
}

/**
 * Applies to every resource that is made from now on:
 *
 * - A claim, a namespace or a cluster that the last `up` recorded is neither replaced nor deleted, whatever the cause: a preview fails
 *   that would make it again, and a program that no longer asks for it. Only `pulumi destroy` deletes it.
 * - Kubernetes objects are applied over changes by hand.
 *
 * @param recorded the stack's output `guarded`; undefined before its first `up`
 */
export function safeguard(recorded: unknown): Safeguard {
  const before: readonly string[] = Array.isArray(recorded) ? recorded : [];
  const now: { label: string; urn: pulumi.Output<string> }[] = [];
  const refuseReplacing = new pulumi.ResourceHook(
    "safeguard",
    ({ type, name }) => {
      const label = `${guarded[type]} ${name}`;
      if (before.includes(label)) throw new Error(refusal([`${label} would be replaced by a new one`]));
    },
    { onDryRun: true },
  );
  pulumi.runtime.registerStackTransformation(({ type, name, props, opts, resource }) => {
    const kind = guarded[type];
    if (kind)
      now.push({
        label: `${kind} ${name}`,
        get urn() {
          return resource.urn;
        },
      });
    return {
      props: type.startsWith("kubernetes:") ? applied(props) : props,
      opts: kind ? { ...opts, hooks: { ...opts.hooks, beforeCreate: [refuseReplacing] } } : opts,
    };
  });
  return {
    present: () =>
      pulumi.all(now.map(({ label, urn }) => urn.apply(() => label))).apply((labels) => {
        const gone = before.filter((label) => !labels.includes(label));
        if (gone.length > 0) throw new UserError(refusal(gone.map((label) => `${label} would be deleted`)));
        return labels.sort();
      }),
  };
}

function applied(props: pulumi.Inputs): pulumi.Inputs {
  const { metadata, ...rest } = props;
  return { ...rest, metadata: { ...metadata, annotations: { ...metadata?.annotations, ...patchForce } } };
}

function refusal(reasons: string[]): string {
  const stack = pulumi.getStack();
  return [
    `refused, because stack ${stack} would lose what it keeps; nothing was changed.`,
    ...reasons.map((reason) => `  - ${reason}`),
    "  Only pulumi destroy deletes these. To keep them: take back what changed (a name, a parent, the cluster, an option).",
    `  To give them up: pulumi destroy --stack ${stack}, then pulumi up --stack ${stack}`,
    `  (what is protected first needs: pulumi state unprotect --all --stack ${stack}).`,
    "",
  ].join("\n");
}
