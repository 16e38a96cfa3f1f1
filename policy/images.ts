import { ofContainers } from "./pods.ts";
import { resourceRule } from "./rule.ts";
import { unknown } from "./unknown-values.ts";

/** An image's name in full: https://github.com/distribution/reference, `docker.io/library/` where nothing is said. */
interface Reference {
  /** As in `docker.io/library/postgres`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Splits an image's name. Not image/reference.ts: `pulumi policy publish` uploads only this folder. */
export function parse(image: string): Reference {
  const [named = "", digest] = image.split("@");
  const [, path = "", tag] = /^(.*?)(?::([^:/]+))?$/.exec(named) ?? [];
  const [first = ""] = path.split("/");
  const hasRegistry = path.includes("/") && (/[.:]/.test(first) || first === "localhost");
  const repository = hasRegistry ? path : `docker.io/${path.includes("/") ? path : `library/${path}`}`;
  return { repository, tag, digest };
}

/** Whether a repository is one of these, or in one of them; `*` stands for one part of a host's name or path. */
export function isIn(repository: string, places: readonly string[]): boolean {
  return places.some((place) => {
    const pattern = place.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^./]+");
    return new RegExp(`^${pattern}(/|$)`).test(repository);
  });
}

/**
 * The application's own image is always named by its digest: that is what was tested. The database's is named by its
 * version, which the settings ask for (`slipway:database.image`; a digest may follow): its data depends on that, and the
 * images of `byTag` are released by others, under version tags that only ever get fixes.
 */
export const imageByDigest = resourceRule<{ byTag: readonly string[] }>(
  {
    id: "image-by-digest",
    level: "mandatory",
    reason: "A tag can be moved to other bytes; a digest names what was tested.",
    remedy:
      "use REPOSITORY@sha256:…, as the output of the release is; or, for an image of others that keeps its versions, " +
      "list it in the rule's byTag and name a version",
    configuration: {
      byTag: {
        type: "array",
        description: "Repositories whose images may be named by a version tag alone.",
        default: ["docker.io/library/postgres"],
      },
    },
  },
  (resource, { byTag }) =>
    ofContainers(resource, ({ props: { image } }) => {
      if (image === unknown) return [];
      const { repository, tag = "", digest = "" } = parse(String(image));
      if (/^sha256:[0-9a-f]{64}$/.test(digest)) return [];
      if (!isIn(repository, byTag)) return [`runs ${image}, which names no digest`];
      return /^[0-9]/.test(tag) ? [] : [`runs ${image}, which names no version`];
    }),
);

export const imageRegistry = resourceRule<{ registries: readonly string[] }>(
  {
    id: "image-registry",
    level: "mandatory",
    reason: "An image from anywhere else is code that nobody here has looked at, and that its owner may take away.",
    remedy: "push the image to a registry of the list, or add its registry to the rule's registries",
    configuration: {
      registries: {
        type: "array",
        description: "Registries, or repositories in them, that images may come from.",
        default: ["docker.io/library", "*.dkr.ecr.*.amazonaws.com", "localhost:5000"],
      },
    },
  },
  (resource, { registries }) =>
    ofContainers(resource, ({ props: { image } }) => {
      if (image === unknown || isIn(parse(String(image)).repository, registries)) return [];
      return [`runs ${image}; allowed: ${registries.join(", ")}`];
    }),
);
