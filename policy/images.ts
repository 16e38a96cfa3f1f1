import { containerProblems } from "./pods.ts";
import { resourceRule } from "./rule.ts";
import { unknown } from "./unknown-values.ts";

/** Complete name of an image: https://github.com/distribution/reference, by default in `docker.io/library/`. */
interface Reference {
  /** As in `docker.io/library/postgres`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Parses the name of an image. Not image/reference.ts, because `pulumi policy publish` uploads only this folder. */
export function parseImage(image: string): Reference {
  const [named = "", digest] = image.split("@");
  const [, path = "", tag] = /^(.*?)(?::([^:/]+))?$/.exec(named) ?? [];
  const [first = ""] = path.split("/");
  const hasRegistry = path.includes("/") && (/[.:]/.test(first) || first === "localhost");
  const repository = hasRegistry ? path : `docker.io/${path.includes("/") ? path : `library/${path}`}`;
  return { repository, tag, digest };
}

/** Whether a repository is in one of the given paths; `*` matches one part of a host name or path. */
export function isIn(repository: string, paths: readonly string[]): boolean {
  return paths.some((path) => {
    const pattern = path.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^./]+");
    return new RegExp(`^${pattern}(/|$)`).test(repository);
  });
}

/**
 * Requires digests for the application's own images, which are what was tested. Images of `byTag` may have a version tag
 * only: other people release them, their tags get fixes only, and a database's data depends on its version.
 */
export const imageByDigest = resourceRule<{ byTag: readonly string[] }>(
  {
    id: "image-by-digest",
    reason: "A tag can be moved to other bytes; a digest names what was tested.",
    remedy:
      "use REPOSITORY@sha256:…, as in the output of the release; or, for an image of others with stable version tags, " +
      "list it in the rule's byTag and name a version",
    configuration: {
      byTag: {
        type: "array",
        description: "Repositories whose images may have only a version tag.",
        default: ["docker.io/library/postgres", "docker.io/valkey/valkey"],
      },
    },
  },
  (resource, { byTag }) =>
    containerProblems(resource, ({ props: { image } }) => {
      if (image === unknown) return [];
      const { repository, tag = "", digest = "" } = parseImage(String(image));
      if (/^sha256:[0-9a-f]{64}$/.test(digest)) return [];
      if (!isIn(repository, byTag)) return [`runs ${image}, which names no digest`];
      return /^[0-9]/.test(tag) ? [] : [`runs ${image}, which names no version`];
    }),
);

export const imageRegistry = resourceRule<{ registries: readonly string[] }>(
  {
    id: "image-registry",
    reason: "An image from anywhere else is code that nobody here has reviewed, and that its owner may delete.",
    remedy: "push the image to a registry of the list, or add its registry to the rule's registries",
    configuration: {
      registries: {
        type: "array",
        description: "Registries, or repositories in them, that images may come from.",
        default: ["docker.io/library", "docker.io/valkey", "*.dkr.ecr.*.amazonaws.com", "localhost:5000"],
      },
    },
  },
  (resource, { registries }) =>
    containerProblems(resource, ({ props: { image } }) => {
      if (image === unknown || isIn(parseImage(String(image)).repository, registries)) return [];
      return [`runs ${image}; allowed: ${registries.join(", ")}`];
    }),
);
