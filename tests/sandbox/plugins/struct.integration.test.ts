import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { toStruct } from "../../../sandbox/plugins/struct.ts";

/** What google-protobuf makes of the same, in a process of its own: here its two functions are replaced. */
function elsewhere(expression: string, input: unknown[]): unknown[] {
  const program = `
    import struct from "google-protobuf/google/protobuf/struct_pb.js";
    import { text } from "node:stream/consumers";
    const { Struct } = struct;
    console.log(JSON.stringify(JSON.parse(await text(process.stdin)).map((item) => ${expression})));`;
  const args = ["--input-type=module", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, args, { input: JSON.stringify(input), encoding: "utf8" }));
}

const read = (bytes: string): unknown => struct.Struct.deserializeBinary(Buffer.from(bytes, "base64")).toJavaScript();
const write = (bag: object): string => Buffer.from(toStruct(bag).serializeBinary()).toString("base64");

const keys = fc.string({ unit: "grapheme" }).filter((key) => key !== "__proto__");
const { tree: value } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.string({ unit: "grapheme" }),
    fc.array(tie("tree")),
    fc.dictionary(keys, tie("tree"), { noNullPrototype: true }),
  ),
}));
const bags = fc.sample(fc.dictionary(keys, value, { noNullPrototype: true }), 300) as object[];

describe("Property bags in messages", () => {
  it("are written as google-protobuf reads them", () => {
    assert.deepEqual(
      elsewhere("Struct.deserializeBinary(Buffer.from(item, 'base64')).toJavaScript()", bags.map(write)),
      bags,
    );
  });

  it("are read as google-protobuf writes them", () => {
    const written = elsewhere("Buffer.from(Struct.fromJavaScript(item).serializeBinary()).toString('base64')", bags);
    assert.deepEqual(
      written.map((bytes) => read(bytes as string)),
      bags,
    );
  });

  it("leave out what is undefined, and keep what is null, empty, or false", () => {
    const bag = { nothing: undefined, null: null, text: "", list: [], bag: {}, no: false, zero: 0 };
    assert.deepEqual(read(write(bag)), { null: null, text: "", list: [], bag: {}, no: false, zero: 0 });
  });

  it("can be made by google-protobuf in the same process, as the SDK does", () => {
    const made = struct.Struct.fromJavaScript({ a: { b: [1, "c", { d: true }] } });
    assert.deepEqual(read(Buffer.from(made.serializeBinary()).toString("base64")), { a: { b: [1, "c", { d: true }] } });
  });
});
