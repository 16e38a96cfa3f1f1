import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { sameFieldManager } from "../../cluster/annotations.ts";
import type { DatabaseArgs } from "../database.ts";

/** Creates the Secret of a password, whose name becomes the login role's, and its copy for the server. */
export function loginSecrets(
  name: string,
  { namespace, password }: Pick<DatabaseArgs, "namespace" | "password">,
  opts: pulumi.CustomResourceOptions,
): { readonly credentials: k8s.core.v1.Secret; readonly login: k8s.core.v1.Secret } {
  // Not protected, unlike the data: it comes from a setting, and a protected Secret could never be replaced.
  const credentials = new k8s.core.v1.Secret(
    `${name}-credentials`,
    { metadata: { namespace }, stringData: { password } },
    opts,
  );
  // A copy under a fixed name: the server's pod must not change when the password does.
  const login = new k8s.core.v1.Secret(
    `${name}-login`,
    {
      metadata: { name: `${name}-login`, namespace, annotations: sameFieldManager },
      stringData: { user: credentials.metadata.name, password },
    },
    opts,
  );
  return { credentials, login };
}
