/**
 * Name of a field, variable or option whose value is secret. A name that ends in _FILE or _NAME is the location of a secret.
 * Reviews hide these values, and a policy refuses them.
 */
export const secretName =
  /(password|passwd|passphrase|pwd|(^|[_-])pass|token|secret|(api|access|private|secret|signing|encryption)[_-]?key|key_base|credentials?|kubeconfig)$/i;
