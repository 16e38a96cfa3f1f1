/** The parts of an image's name. */
export interface ImageReference {
  /** Registry, with its port if there is one; `docker.io` if the name has none. */
  readonly host: string;
  /** Path in the registry, as in `team/app`. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

/**
 * Splits an image's name as Docker does: the first part is a registry only if it has a dot or a port, or is `localhost`.
 *
 * @see https://github.com/distribution/reference
 */
export function parseReference(name: string): ImageReference {
  const [, tagged = "", digest] = /^([^@]*)(?:@(.*))?$/.exec(name) ?? [];
  const [, repository = "", tag] = /^(.*?)(?::([^/:]*))?$/.exec(tagged) ?? [];
  const [first = "", ...rest] = repository.split("/");
  if (rest.length > 0 && (/[.:]/.test(first) || first === "localhost"))
    return { host: first, path: rest.join("/"), tag, digest };
  return { host: "docker.io", path: rest.length > 0 ? repository : `library/${repository}`, tag, digest };
}
