/**
 * A name of a field, variable or option that says its value is nobody's business; one that ends in _FILE or _NAME says
 * where that is. What a review hides is what a policy refuses.
 */
export const secretName =
  /(password|passwd|passphrase|pwd|(^|[_-])pass|token|secret|(api|access|private|secret|signing|encryption)[_-]?key|key_base|credentials?|kubeconfig)$/i;
