import { type Descriptor, type ImageRepository, imageIndex, imageManifest, sha256 } from "./repository.ts";

/** A document that is to belong to an image. */
export interface Attachment {
  /** Media type of the document. */
  readonly type: string;
  readonly content: string;
}

/** A document that the registry lists with an image. */
export interface Attached {
  /** Digest of the image that the document itself is kept for. */
  readonly subject: string;
  /** Digest of the document, under which its text is found. */
  readonly digest: string;
}

/**
 * Attaches a document to an image in the registry, beside its digest: the image stays what it is. By OCI's `subject` field,
 * and where the registry keeps no list of what refers to a digest, in the tag that stands in for that list.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-manifests-with-subject
 * @returns the document's digest
 * @throws Error where the registry does not have the image or refuses the document
 */
export async function attach(
  repository: ImageRepository,
  digest: string,
  { type, content }: Attachment,
): Promise<string> {
  const image = await repository.manifest(digest);
  if (!image) throw new Error(`there is no image ${digest} to attach a document to`);
  const config = { ...(await repository.pushBlob("{}")), mediaType: "application/vnd.oci.empty.v1+json" };
  const layer = { ...(await repository.pushBlob(content)), mediaType: type };
  const manifest = JSON.stringify({
    ...{ schemaVersion: 2, mediaType: imageManifest, artifactType: type, config, layers: [layer] },
    subject: { mediaType: image.mediaType, digest, size: Buffer.byteLength(image.body) },
  });
  const descriptor: Descriptor = {
    ...{ mediaType: imageManifest, digest: sha256(manifest), size: Buffer.byteLength(manifest), artifactType: type },
  };
  if (await repository.pushManifest(descriptor.digest, imageManifest, manifest)) return layer.digest;
  // Two updates that write the tag at the same moment may lose one of the documents; the next update finds it missing.
  const others = (await listedByTag(repository, digest)).filter((other) => other.digest !== descriptor.digest);
  // A list that names what the registry has lost would be refused.
  const there = await Promise.all(others.map(async (other) => (await repository.manifest(other.digest)) && other));
  const manifests = [...there.filter((other) => other !== undefined), descriptor];
  const index = { schemaVersion: 2, mediaType: imageIndex, manifests };
  await repository.pushManifest(tagOf(digest), imageIndex, JSON.stringify(index));
  return layer.digest;
}

/** The documents of a media type that are attached to an image. What the list names but the registry no longer has is left out. */
export async function attached(repository: ImageRepository, digest: string, type: string): Promise<Attached[]> {
  const listed = (await repository.referrers(digest)) ?? (await listedByTag(repository, digest));
  const documents = listed
    .filter(({ artifactType }) => artifactType === type)
    .map(async (descriptor) => {
      const manifest = await repository.manifest(descriptor.digest);
      if (!manifest) return undefined;
      const { subject, layers = [] }: { subject?: Descriptor; layers?: Descriptor[] } = JSON.parse(manifest.body);
      return layers[0] && { subject: subject?.digest ?? "", digest: layers[0].digest };
    });
  return (await Promise.all(documents)).filter((document) => document !== undefined);
}

async function listedByTag(repository: ImageRepository, digest: string): Promise<Descriptor[]> {
  const index = await repository.manifest(tagOf(digest));
  return index ? (JSON.parse(index.body).manifests ?? []) : [];
}

/** The tag that stands in for the registry's list. */
const tagOf = (digest: string): string => digest.replace(":", "-");
