import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { baseImages } from "../../image/dockerfile.ts";

const names = (text: string, options?: Parameters<typeof baseImages>[1]) =>
  baseImages(text, options).map(({ name, providesLayers }) => (providesLayers ? `${name} (layers)` : name));

describe("Base images", () => {
  it("are one for the sample application, whose two stages share it", () => {
    assert.deepEqual(names(readFileSync("app/Dockerfile", "utf8")), ["python:3.13-slim (layers)"]);
  });

  it("are those in FROM, COPY --from and RUN --mount", () => {
    const text = `
      FROM golang:1.26 AS build
      RUN --mount=type=cache,target=/x --mount=type=bind,from=ghcr.io/astral-sh/uv:0.9,target=/uv true
      COPY --from=busybox@sha256:abc /bin/sh /sh
      FROM debian:trixie-slim AS runtime
      FROM runtime
      COPY --from=BUILD /a /a`;
    assert.deepEqual(names(text), [
      "debian:trixie-slim (layers)",
      "golang:1.26",
      "ghcr.io/astral-sh/uv:0.9",
      "busybox@sha256:abc",
    ]);
  });

  it("leave out unused stages and those after the target", () => {
    const text = "FROM node:24 AS docs\nFROM python:3.13 AS run\nFROM python:3.14\nCOPY --from=run /a /a";
    assert.deepEqual(names(text), ["python:3.14 (layers)", "python:3.13"]);
    assert.deepEqual(names(text, { target: "run" }), ["python:3.13 (layers)"]);
    assert.deepEqual(names(text, { target: "0" }), ["node:24 (layers)"]);
  });

  it("are named with the build's arguments or their defaults", () => {
    const text = `
      ARG V=3.13
      ARG TAG=$V-slim
      ARG R
      FROM --platform=$BUILDPLATFORM \${R:-docker.io}/library/python:\${TAG} AS b
      ARG V=9
      FROM \${R:+b}\${R:-scratch}`;
    assert.deepEqual(names(text, { target: "b" }), ["docker.io/library/python:3.13-slim (layers)"]);
    const args = { V: "3.14", R: "mirror.example.com" };
    assert.deepEqual(names(text, { target: "b", args }), ["mirror.example.com/library/python:3.14-slim (layers)"]);
  });

  it("are none for an image from scratch", () => {
    assert.deepEqual(names("FROM scratch\nCOPY . /"), []);
  });

  it("are not confused with a later stage of the same name", () => {
    assert.deepEqual(names("FROM python AS python\nFROM python\nCOPY --from=0 /a /a"), ["python (layers)"]);
  });

  describe("are named as BuildKit takes them", () => {
    const from = (name: string, args: Record<string, string> = {}) =>
      names(name, { args })[0]?.replace(" (layers)", "");
    const cases: [string, string, string][] = [
      ["with a comment after an argument's value", "ARG V=3 # the newest\nFROM redis:$V", "redis:3"],
      ["with an argument that is declared again without a value", `ARG V=3\nARG V\nFROM redis:\${V}`, "redis:3"],
      [
        "with an argument that is declared again with another one",
        `ARG V=3\nARG V=$V.1\nFROM redis:\${V}`,
        "redis:3.1",
      ],
      ["with several arguments in one instruction", "ARG N=redis V='3' X\nFROM $N:$V", "redis:3"],
      ["with a value in quotes", `ARG V="3"\nFROM "redis:\${V}"`, "redis:3"],
      ["with a name in quotes", "FROM 'redis:3'", "redis:3"],
      ["with a value that has to be set, and is", `ARG V=3\nFROM redis:\${V:?which}`, "redis:3"],
      ["with a default inside a default", `ARG A\nARG N=redis\nFROM \${A:-\${N}:\${B-3}}`, "redis:3"],
      ["with a word for an argument that is empty", `ARG V=\nFROM r\${V+ed}is:3`, "redis:3"],
      ["without a word for an empty argument, if there is a colon", `ARG V=\nFROM redis\${V:+x}:3`, "redis:3"],
      ["with an empty value, if there is no colon", `ARG V=\nFROM redis\${V-x}:3`, "redis:3"],
      ["without the shortest end", `ARG V=3-a-b\nFROM redis:\${V%-*}`, "redis:3-a"],
      ["without the longest end", `ARG V=3-a-b\nFROM redis:\${V%%-*}`, "redis:3"],
      ["without the shortest beginning", `ARG V=a-b-3\nFROM redis:\${V#*-}`, "redis:b-3"],
      ["without the longest beginning", `ARG V=a-b-3\nFROM redis:\${V##*-}`, "redis:3"],
      ["with an end that does not match", `ARG V=3\nFROM redis:\${V%-rc?}`, "redis:3"],
      ["with a text replaced once", `ARG V=3+1+2\nFROM redis:\${V/+/-}`, "redis:3-1+2"],
      ["with a text replaced everywhere", `ARG V=3+1+2\nFROM redis:\${V//+/-}`, "redis:3-1-2"],
      ["with an escaped dollar", `ARG V=\\$X\nFROM redis:\${V#?}`, "redis:X"],
      ["with another escape character", `# escape=\`\nARG V=\`\n3\nFROM redis:\${V}`, "redis:3"],
      ["with the platform", `FROM busybox AS os-linux\nFROM alpine AS os-windows\nFROM os-\${TARGETOS}`, "busybox"],
      ["with a declared platform", `ARG TARGETARCH\nFROM busybox AS b-amd64\nFROM b-\${TARGETARCH}`, "busybox"],
      ["with an argument that no line sets", `ARG constructor\nFROM redis:3\${constructor}`, "redis:3"],
    ];
    for (const [how, text, expected] of cases) {
      it(how, () => assert.equal(from(text), expected));
    }

    it("for the first platform", () => {
      const text = `FROM a AS b-amd64-\nFROM c AS b-arm64-v8\nFROM b-\${TARGETARCH}-\${TARGETVARIANT}`;
      assert.deepEqual(names(text), ["a (layers)"]);
      assert.deepEqual(names(text, { platforms: ["linux/arm64/v8", "linux/amd64"] }), ["c (layers)"]);
    });

    it("with a build argument, which wins over a default and over a platform's", () => {
      assert.equal(from('ARG V="3"\nFROM redis:$V', { V: "4" }), "redis:4");
      assert.equal(from("FROM redis:$TARGETARCH", { TARGETARCH: "riscv64" }), "redis:riscv64");
    });

    it("or refused, if BuildKit refuses them", () => {
      for (const name of [`\${V`, `\${V:?which}`, `\${}`, `\${V:#x}`, `\${V!x}`, "'redis", '"redis', `\${V/a}`])
        assert.throws(
          () => from(`FROM ${name}`),
          /^Error: .* in the Dockerfile (has no|needs V: which|can't be expanded)/,
        );
    });
  });
});
