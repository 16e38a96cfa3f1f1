import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { sameFieldManager } from "../../cluster/annotations.ts";
import { isSafeInUrl } from "../../settings/variable-references.ts";
import type { DatabaseArgs } from "../database.ts";

/**
 * Creates the Secret of a password. Its key `url` has the password as it is written in a URL, only if that differs: an
 * unchanged Secret keeps its name.
 *
 * @returns the Secret, and the key of the password for a URL
 */
export function credentialsSecret(
  name: string,
  { namespace, password }: Pick<DatabaseArgs, "namespace" | "password">,
  opts: pulumi.CustomResourceOptions,
): { readonly credentials: k8s.core.v1.Secret; readonly urlKey: pulumi.Output<string> } {
  const known = pulumi.output(password);
  const stringData = known.apply((password): Record<string, string> => {
    const url = percentEncoded(password);
    return url === password ? { password } : { password, url };
  });
  // Not protected, unlike the data: it comes from a setting, and a protected Secret could never be replaced.
  const credentials = new k8s.core.v1.Secret(`${name}-credentials`, { metadata: { namespace }, stringData }, opts);
  const urlKey = pulumi.unsecret(known.apply((password) => (isSafeInUrl(password) ? "password" : "url")));
  return { credentials, urlKey };
}

/** Encodes every character that is not unreserved in RFC 3986. */
const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Creates the Secret of a password, whose name becomes the login role's, and its copy for the server. */
export function loginSecrets(
  name: string,
  { namespace, password }: Pick<DatabaseArgs, "namespace" | "password">,
  opts: pulumi.CustomResourceOptions,
): ReturnType<typeof credentialsSecret> & { readonly login: k8s.core.v1.Secret } {
  const { credentials, urlKey } = credentialsSecret(name, { namespace, password }, opts);
  // A copy under a fixed name: the server's pod must not change when the password does.
  const login = new k8s.core.v1.Secret(
    `${name}-login`,
    {
      metadata: { name: `${name}-login`, namespace, annotations: sameFieldManager },
      stringData: { user: credentials.metadata.name, password },
    },
    opts,
  );
  return { credentials, login, urlKey };
}
