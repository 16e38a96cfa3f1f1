/** An image's name, taken apart. */
export type ImageReference = {
  /** Host and port of the registry, "docker.io" where the name has none. */
  registry: string;
  /** "library/alpine": with the implied folder of Docker Hub's own images. */
  repository: string;
  /** A tag, or a digest where the name has one; "latest" where it has neither. */
  version: string;
};

/**
 * Takes an image name apart: `alpine`, `localhost:5000/app:v1`, `host/team/app:v1@sha256:…` (the digest counts).
 * @throws when there is nothing that could be a repository
 */
export function parseReference(name: string): ImageReference {
  const [tagged = "", digest] = name.split("@", 2);
  const slash = tagged.indexOf("/");
  const first = slash < 0 ? "" : tagged.slice(0, slash);
  // As docker does it: the first part is a host when it could not be a folder.
  const hasHost = /[.:]/.test(first) || first === "localhost";
  const path = hasHost ? tagged.slice(slash + 1) : tagged;
  const colon = path.lastIndexOf(":");
  const repository = colon < 0 ? path : path.slice(0, colon);
  if (!/^[a-z0-9]+([._/-]+[a-z0-9]+)*$/.test(repository)) throw new Error(`"${name}" is not the name of an image`);
  const tag = colon < 0 ? "latest" : path.slice(colon + 1);
  return {
    registry: hasHost ? first : "docker.io",
    repository: hasHost || repository.includes("/") ? repository : `library/${repository}`,
    version: digest ?? tag,
  };
}
