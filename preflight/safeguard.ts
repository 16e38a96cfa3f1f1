import * as pulumi from "@pulumi/pulumi";
import { patchForce } from "../cluster/annotations.ts";
import { UserError } from "../settings/user-error.ts";
import { dataKind } from "./data-types.ts";

/** A new provider for the cluster would replace every object in it. */
const guardedKind = (type: string) => (type === "pulumi:providers:kubernetes" ? "cluster" : dataKind(type));

/** The stack's guarded resources, as in `claim database-data`: its output `guarded`. */
export interface Safeguard {
  /** All of them. @throws UserError, in a preview too, if the program no longer declares one of the last update */
  present(): pulumi.Output<string[]>;
}

/**
 * Applies to every resource that is declared from now on:
 *
 * - Only `pulumi destroy` deletes claims, namespaces and the cluster's provider. A preview fails that would replace one of
 *   the last update, or that no longer declares it.
 * - Kubernetes objects are applied over manual changes.
 *
 * @param output the stack's output `guarded`; undefined before its first `up`
 */
export function safeguard(output: unknown): Safeguard {
  const previous: readonly string[] = Array.isArray(output) ? output : [];
  const declared: { label: string; urn: pulumi.Output<string> }[] = [];
  const refuseReplacement = new pulumi.ResourceHook(
    "safeguard",
    ({ type, name }) => {
      const label = `${guardedKind(type)} ${name}`;
      if (previous.includes(label)) throw new Error(refusal([`${label} would be replaced by a new one`]));
    },
    { onDryRun: true },
  );
  pulumi.runtime.registerStackTransformation(({ type, name, props, opts, resource }) => {
    const kind = guardedKind(type);
    if (kind)
      declared.push({
        label: `${kind} ${name}`,
        // The URN is not set yet.
        get urn() {
          return resource.urn;
        },
      });
    return {
      props: type.startsWith("kubernetes:") ? withPatchForce(props) : props,
      opts: kind ? { ...opts, hooks: { ...opts.hooks, beforeCreate: [refuseReplacement] } } : opts,
    };
  });
  return {
    present: () =>
      pulumi.all(declared.map(({ label, urn }) => urn.apply(() => label))).apply((labels) => {
        const missing = previous.filter((label) => !labels.includes(label));
        if (missing.length > 0) throw new UserError(refusal(missing.map((label) => `${label} would be deleted`)));
        return labels.sort();
      }),
  };
}

function withPatchForce(props: pulumi.Inputs): pulumi.Inputs {
  const { metadata, ...rest } = props;
  return { ...rest, metadata: { ...metadata, annotations: { ...metadata?.annotations, ...patchForce } } };
}

function refusal(reasons: string[]): string {
  const stack = pulumi.getStack();
  return [
    `refused, because stack ${stack} would lose what it keeps; nothing was changed.`,
    ...reasons.map((reason) => `  - ${reason}`),
    "  Only pulumi destroy deletes these. To keep them: undo what changed (a name, a parent, the cluster, an option).",
    `  To give them up: pulumi destroy --stack ${stack}, then pulumi up --stack ${stack}`,
    `  (what is protected first needs: pulumi state unprotect --all --stack ${stack}).`,
    "",
  ].join("\n");
}
