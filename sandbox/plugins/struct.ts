import type { BinaryReader, BinaryWriter } from "google-protobuf";
import struct from "google-protobuf/google/protobuf/struct_pb.js";

/**
 * The engine sends property bags as `google.protobuf.Struct`: https://protobuf.dev/reference/protobuf/google.protobuf/#struct.
 * google-protobuf makes a message object of every value in them, and half of a plugin's work in a preview is to make and to convert those.
 * Here the wire is read into plain values at once, and written from them; the messages around stay google-protobuf's.
 */

/** A value as JSON has it. */
type Value = null | number | string | boolean | Bag | Value[];
type Bag = { [key: string]: Value };

type Struct = InstanceType<typeof struct.Struct> & { bag?: Bag };

/** Field numbers of a Value. */
const field = { null: 1, number: 2, string: 3, boolean: 4, struct: 5, list: 6 } as const;

const { Struct } = struct;

/** A bag as a message. Undefined members are left out, as JSON does. */
export const toStruct = (bag: object): Struct => hold(new Struct(), JSON.parse(JSON.stringify(bag)));

const hold = (message: Struct, bag: Bag): Struct => Object.assign(message, { bag, toJavaScript: () => bag });

// The generated code of every message that holds a bag calls these two.
Struct.deserializeBinaryFromReader = (message, reader) => hold(message, readBag(reader));
const writeFields = Struct.serializeBinaryToWriter;
Struct.serializeBinaryToWriter = (message: Struct, writer) =>
  message.bag ? writeBag(message.bag, writer) : writeFields(message, writer);

function readBag(reader: BinaryReader): Bag {
  const bag: Bag = {};
  while (reader.nextField()) {
    within(reader, () => {
      let key = "";
      let value: Value = null;
      while (reader.nextField()) {
        if (reader.getFieldNumber() === 1) key = reader.readString();
        else within(reader, () => (value = readValue(reader)));
      }
      bag[key] = value;
    });
  }
  return bag;
}

function readValue(reader: BinaryReader): Value {
  let value: Value = null;
  while (reader.nextField()) {
    switch (reader.getFieldNumber()) {
      case field.number:
        value = reader.readDouble();
        break;
      case field.string:
        value = reader.readString();
        break;
      case field.boolean:
        value = reader.readBool();
        break;
      case field.struct:
        within(reader, () => (value = readBag(reader)));
        break;
      case field.list:
        within(reader, () => (value = readList(reader)));
        break;
      default:
        reader.skipField();
    }
  }
  return value;
}

function readList(reader: BinaryReader): Value[] {
  const list: Value[] = [];
  while (reader.nextField()) within(reader, () => list.push(readValue(reader)));
  return list;
}

/** Reads what is nested here, to its end. */
function within(reader: BinaryReader, read: () => unknown): void {
  (reader.readMessage as (message: unknown, read: () => unknown) => void)(null, read);
}

function writeBag(bag: Bag, writer: BinaryWriter): void {
  for (const [key, value] of Object.entries(bag)) {
    nest(writer, 1, () => {
      writer.writeString(1, key);
      nest(writer, 2, () => writeValue(value, writer));
    });
  }
}

function writeValue(value: Value, writer: BinaryWriter): void {
  if (typeof value === "string") writer.writeString(field.string, value);
  else if (typeof value === "number") writer.writeDouble(field.number, value);
  else if (typeof value === "boolean") writer.writeBool(field.boolean, value);
  else if (Array.isArray(value))
    nest(writer, field.list, () => {
      for (const item of value) nest(writer, 1, () => writeValue(item, writer));
    });
  else if (value) nest(writer, field.struct, () => writeBag(value, writer));
  else writer.writeEnum(field.null, 0);
}

/** Writes something nested. */
function nest(writer: BinaryWriter, number: number, write: () => void): void {
  writer.writeMessage(number, {}, write);
}
