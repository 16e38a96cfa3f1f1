import { type Descriptor, type ImageRepository, imageIndex, imageManifest, sha256 } from "./repository.ts";

/** A document to attach to an image. */
export interface Document {
  /** Media type. */
  readonly type: string;
  readonly content: string;
}

/** A document that the registry lists with an image. */
export interface Attachment {
  /** Digest of the image that the document names as its subject. */
  readonly subject: string;
  /** Digest of the document's blob. */
  readonly digest: string;
}

/**
 * Attaches a document to an image in the registry, without changing the image: by OCI's `subject` field, and also in the
 * fallback tag if the registry lists no referrers itself.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-manifests-with-subject
 * @returns the document's digest
 * @throws Error if the registry does not have the image or refuses the document
 */
export async function attach(
  repository: ImageRepository,
  digest: string,
  { type, content }: Document,
): Promise<string> {
  const image = await repository.manifest(digest);
  if (!image) throw new Error(`there is no image ${digest} to attach a document to`);
  const config = { ...(await repository.pushBlob("{}")), mediaType: "application/vnd.oci.empty.v1+json" };
  const layer = { ...(await repository.pushBlob(content)), mediaType: type };
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageManifest,
    artifactType: type,
    config,
    layers: [layer],
    subject: { mediaType: image.mediaType, digest, size: Buffer.byteLength(image.body) },
  });
  const descriptor: Descriptor = {
    mediaType: imageManifest,
    digest: sha256(manifest),
    size: Buffer.byteLength(manifest),
    artifactType: type,
  };
  if (await repository.pushManifest(descriptor.digest, imageManifest, manifest)) return layer.digest;
  // Two updates that write the tag at the same moment may lose one of the documents; the next update attaches it again.
  const others = (await listedByTag(repository, digest)).filter((other) => other.digest !== descriptor.digest);
  // The registry would refuse a list that names what it no longer has.
  const present = await Promise.all(others.map(async (other) => (await repository.manifest(other.digest)) && other));
  const manifests = [...present.filter((other) => other !== undefined), descriptor];
  const index = { schemaVersion: 2, mediaType: imageIndex, manifests };
  await repository.pushManifest(fallbackTag(digest), imageIndex, JSON.stringify(index));
  return layer.digest;
}

/** Lists an image's attached documents of a media type; without those that the registry lost. */
export async function attachments(repository: ImageRepository, digest: string, type: string): Promise<Attachment[]> {
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
  const index = await repository.manifest(fallbackTag(digest));
  return index ? (JSON.parse(index.body).manifests ?? []) : [];
}

/** Tag that lists an image's referrers if the registry does not. */
const fallbackTag = (digest: string): string => digest.replace(":", "-");
