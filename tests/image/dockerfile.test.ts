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
});
