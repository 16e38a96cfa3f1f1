import assert from "node:assert/strict";
import { imageByDigest, imageRegistry, isIn, parseImage } from "../../policy/images.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { deployment, describeRule, object } from "./rule-tests.ts";

const digest = `sha256:${"0a".repeat(32)}`;
const image = (image: unknown) => deployment({ image });

describeRule(imageByDigest, {
  accepts: {
    "a digest": image(`registry.example.com/team/app@${digest}`),
    "a tag with a digest": image(`registry.example.com/team/app:v1.1@${digest}`),
    "a version of postgres": image("postgres:17"),
    "a version of postgres under its full name": image("docker.io/library/postgres:17.9-trixie"),
    "a version of postgres with a digest": image(`postgres:17@${digest}`),
    "an unknown image": image(unknown),
    "an object without containers": object("core/v1:ConfigMap", { data: { image: "app:latest" } }),
  },
  refuses: {
    "a tag": [
      image("registry.example.com/team/app:v1.1"),
      /web runs registry\.example\.com\/team\/app:v1\.1, which names no dig/,
    ],
    "no tag at all": [image("registry.example.com/team/app"), /which names no digest/],
    "an incomplete digest": [image("registry.example.com/team/app@sha256:abc"), /which names no digest/],
    "postgres:latest": [image("postgres:latest"), /which names no version/],
    "a version tag of another repository": [image("somebody/postgres:17"), /which names no digest/],
    "an init container": [
      deployment({ image: `a/b@${digest}` }, { initContainers: [{ name: "first", image: "a/b:v1" }] }),
      /container first runs a\/b:v1/,
    ],
  },
});

describeRule(imageByDigest, {
  configuration: { byTag: ["registry.example.com/tools"] },
  accepts: { "a version of a listed repository": image("registry.example.com/tools/redis:8") },
  refuses: { "a version of a repository that is no longer listed": [image("postgres:17"), /which names no digest/] },
});

describeRule(imageRegistry, {
  accepts: {
    "an official image": image("postgres:17"),
    "Valkey's official image": image("valkey/valkey:8.1"),
    "Amazon's registry": image(`111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/app@${digest}`),
    "the sandbox's registry": image(`localhost:5000/app@${digest}`),
    "an unknown image": image(unknown),
  },
  refuses: {
    "other images of Docker Hub": [
      image("somebody/app:v1"),
      /web runs somebody\/app:v1; allowed: docker\.io\/library, /,
    ],
    "a registry with a name like Amazon's": [
      image("111122223333.dkr.ecr.eu-north-1.amazonaws.com.example.com/app:v1"),
      /allowed: /,
    ],
    "another port": [image("localhost:5001/app:v1"), /allowed: /],
  },
});

describeRule(imageRegistry, {
  configuration: { registries: ["registry.example.com/team"] },
  accepts: { "an image of a listed path": image("registry.example.com/team/app:v1") },
  refuses: {
    "an image of a path with the same prefix": [
      image("registry.example.com/teammates/app:v1"),
      /allowed: registry\.example\.com\/team/,
    ],
  },
});

describe("The name of an image", () => {
  it("is parsed as container runtimes do", () => {
    const cases: [string, string, string | undefined][] = [
      ["postgres", "docker.io/library/postgres", undefined],
      ["postgres:17", "docker.io/library/postgres", "17"],
      ["somebody/app:v1", "docker.io/somebody/app", "v1"],
      ["localhost/app", "localhost/app", undefined],
      ["localhost:5000/app", "localhost:5000/app", undefined],
      ["registry.example.com:443/team/app:v1", "registry.example.com:443/team/app", "v1"],
    ];
    for (const [image, repository, tag] of cases)
      assert.deepEqual(parseImage(image), { repository, tag, digest: undefined }, image);
  });

  it("is compared part by part", () => {
    assert.ok(isIn("a.example.com/x", ["*.example.com"]));
    assert.ok(!isIn("a.b.example.com/x", ["*.example.com"]));
    assert.ok(!isIn("axexample.com/x", ["a.example.com"]));
    assert.ok(!isIn("a.example.com/x", []));
  });
});
