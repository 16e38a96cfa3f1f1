import assert from "node:assert/strict";
import { imageByDigest, imageRegistry, isIn, parse } from "../../policy/images.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { deployment, judges, object } from "./rule-tests.ts";

const digest = `sha256:${"0a".repeat(32)}`;
const image = (image: unknown) => deployment({ image });

judges(imageByDigest, {
  passes: {
    "a digest": image(`registry.example.com/team/app@${digest}`),
    "a digest behind a tag": image(`registry.example.com/team/app:v1.1@${digest}`),
    "a version of the database": image("postgres:17"),
    "that version under its full name": image("docker.io/library/postgres:17.9-trixie"),
    "a version of the database with a digest": image(`postgres:17@${digest}`),
    "an image that is still to be built": image(unknown),
    "what runs nothing": object("core/v1:ConfigMap", { data: { image: "app:latest" } }),
  },
  fails: {
    "a tag": [
      image("registry.example.com/team/app:v1.1"),
      /web runs registry\.example\.com\/team\/app:v1\.1, which names no dig/,
    ],
    "no tag at all": [image("registry.example.com/team/app"), /which names no digest/],
    "half a digest": [image("registry.example.com/team/app@sha256:abc"), /which names no digest/],
    "a database of the day": [image("postgres:latest"), /which names no version/],
    "somebody else's database": [image("somebody/postgres:17"), /which names no digest/],
    "a container that starts before": [
      deployment({ image: `a/b@${digest}` }, { initContainers: [{ name: "first", image: "a/b:v1" }] }),
      /container first runs a\/b:v1/,
    ],
  },
});

judges(imageByDigest, {
  configuration: { byTag: ["registry.example.com/tools"] },
  passes: { "a version of what is listed": image("registry.example.com/tools/redis:8") },
  fails: { "what no longer is": [image("postgres:17"), /which names no digest/] },
});

judges(imageRegistry, {
  passes: {
    "an official image": image("postgres:17"),
    "Amazon's registry": image(`111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/app@${digest}`),
    "the sandbox's": image(`localhost:5000/app@${digest}`),
    "an image that is still to be built": image(unknown),
  },
  fails: {
    "Docker Hub's others": [image("somebody/app:v1"), /web runs somebody\/app:v1; allowed: docker\.io\/library, /],
    "a registry that is called like Amazon's": [
      image("111122223333.dkr.ecr.eu-north-1.amazonaws.com.example.com/app:v1"),
      /allowed: /,
    ],
    "another port": [image("localhost:5001/app:v1"), /allowed: /],
  },
});

judges(imageRegistry, {
  configuration: { registries: ["registry.example.com/team"] },
  passes: { "what is in it": image("registry.example.com/team/app:v1") },
  fails: {
    "what is beside it": [image("registry.example.com/teammates/app:v1"), /allowed: registry\.example\.com\/team/],
  },
});

describe("The name of an image", () => {
  it("is taken apart as a container runtime does it", () => {
    const cases: [string, string, string | undefined][] = [
      ["postgres", "docker.io/library/postgres", undefined],
      ["postgres:17", "docker.io/library/postgres", "17"],
      ["somebody/app:v1", "docker.io/somebody/app", "v1"],
      ["localhost/app", "localhost/app", undefined],
      ["localhost:5000/app", "localhost:5000/app", undefined],
      ["registry.example.com:443/team/app:v1", "registry.example.com:443/team/app", "v1"],
    ];
    for (const [image, repository, tag] of cases)
      assert.deepEqual(parse(image), { repository, tag, digest: undefined }, image);
  });

  it("is compared whole, part by part", () => {
    assert.ok(isIn("a.example.com/x", ["*.example.com"]));
    assert.ok(!isIn("a.b.example.com/x", ["*.example.com"]));
    assert.ok(!isIn("axexample.com/x", ["a.example.com"]));
    assert.ok(!isIn("a.example.com/x", []));
  });
});
