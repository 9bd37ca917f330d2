import { otlpDamaged } from './errors.ts';

/**
 * The part of protocol buffers that OTLP needs, driven by tables: protobuf.dev/programming-guides/encoding. On the JSON side
 * stands what OTLP/JSON says: ids in hex, 64-bit integers as decimal strings, other bytes in base64.
 */
export type MessageTable = Readonly<Record<string, Field>>;

export interface Field {
  readonly number: number;
  readonly type: ScalarType | (() => MessageTable);
  readonly repeated?: true;
}

export type ScalarType =
  'string' | 'hex' | 'base64' | 'int64' | 'uint32' | 'fixed32' | 'fixed64' | 'double' | 'bool';

export interface PlainMessage {
  [name: string]: unknown;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Values inside values; nothing that anybody sends is deeper, and a reader calls itself for each level. */
const DEEPEST = 100;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** Members that no table names, and those without a value, are left out. */
export function encodeMessage(table: MessageTable, message: object): Uint8Array {
  const writer = createWriter();
  writeMessage(writer, table, message);
  return writer.bytes.slice(0, writer.at);
}

/** Fields that the table does not know are skipped. Throws `otlp-damaged` for what is no message, or ends too soon. */
export function decodeMessage(table: MessageTable, bytes: Uint8Array): PlainMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readMessage({ bytes, view, at: 0 }, bytes.length, table, 0);
}

interface Writer {
  bytes: Uint8Array;
  view: DataView;
  at: number;
}

function createWriter(): Writer {
  const bytes = new Uint8Array(1024);
  return { bytes, view: new DataView(bytes.buffer), at: 0 };
}

/** Makes room for so many more. */
function reserve(writer: Writer, more: number): void {
  if (writer.at + more <= writer.bytes.length) return;
  const bytes = new Uint8Array(Math.max(writer.bytes.length * 2, writer.at + more));
  bytes.set(writer.bytes);
  writer.bytes = bytes;
  writer.view = new DataView(bytes.buffer);
}

function writeMessage(writer: Writer, table: MessageTable, message: object): void {
  const members = message as PlainMessage;
  for (const [name, field] of fieldsOf(table).values()) {
    const value = members[name];
    if (value === undefined || value === null) continue;
    if (!field.repeated) writeField(writer, field, value);
    else if (Array.isArray(value)) for (const item of value as unknown[]) writeField(writer, field, item);
  }
}

function writeField(writer: Writer, { number, type }: Field, value: unknown): void {
  if (typeof type === 'function') {
    if (typeof value !== 'object' || value === null) return;
    writeVarint(writer, number * 8 + BYTES);
    withLength(writer, () => writeMessage(writer, type(), value));
    return;
  }
  writeVarint(writer, number * 8 + wireOf(type));
  writeScalar(writer, type, value);
}

/** What is written stands behind its length, which is known only then: all but short ones move on to make room for it. */
function withLength(writer: Writer, write: () => void): void {
  reserve(writer, 5);
  const start = (writer.at += 1);
  write();
  const length = writer.at - start;
  const room = length < 0x80 ? 1 : Math.floor(Math.log2(length) / 7) + 1;
  if (room > 1) {
    reserve(writer, room);
    writer.bytes.copyWithin(start + room - 1, start, writer.at);
  }
  writer.at = start - 1;
  writeVarint(writer, length);
  writer.at += length;
}

function wireOf(type: ScalarType): number {
  if (type === 'string' || type === 'hex' || type === 'base64') return BYTES;
  if (type === 'double' || type === 'fixed64') return FIXED64;
  return type === 'fixed32' ? FIXED32 : VARINT;
}

function writeScalar(writer: Writer, type: ScalarType, value: unknown): void {
  reserve(writer, 16);
  const { view, at } = writer;
  switch (type) {
    case 'string': {
      const text = String(value);
      withLength(writer, () => {
        reserve(writer, text.length * 3);
        writer.at += utf8.encodeInto(text, writer.bytes.subarray(writer.at)).written;
      });
      return;
    }
    case 'hex':
    case 'base64': {
      const bytes = Buffer.from(String(value), type);
      writeVarint(writer, bytes.length);
      reserve(writer, bytes.length);
      writer.bytes.set(bytes, writer.at);
      writer.at += bytes.length;
      return;
    }
    case 'bool':
      writeVarint(writer, value === true ? 1 : 0);
      return;
    case 'uint32':
      writeVarint(writer, Number(value));
      return;
    case 'int64':
      writeInt64(writer, String(value));
      return;
    case 'double':
      view.setFloat64(at, Number(value), true);
      writer.at += 8;
      return;
    case 'fixed64':
      view.setBigUint64(at, BigInt(String(value)), true);
      writer.at += 8;
      return;
    case 'fixed32':
      view.setUint32(at, Number(value), true);
      writer.at += 4;
  }
}

function writeVarint(writer: Writer, value: number): void {
  reserve(writer, 10);
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) writer.bytes[writer.at++] = (rest % 128) + 128;
  writer.bytes[writer.at++] = rest;
}

function writeInt64(writer: Writer, text: string): void {
  const small = Number(text);
  if (small >= 0 && Number.isSafeInteger(small)) {
    writeVarint(writer, small);
    return;
  }
  reserve(writer, 10);
  let rest = BigInt.asUintN(64, BigInt(text));
  for (; rest > 0x7fn; rest >>= 7n) writer.bytes[writer.at++] = Number(rest & 0x7fn) + 128;
  writer.bytes[writer.at++] = Number(rest);
}

interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

/** Names by field number, made once for each table. */
const byNumber = new WeakMap<MessageTable, ReadonlyMap<number, readonly [string, Field]>>();

function fieldsOf(table: MessageTable): ReadonlyMap<number, readonly [string, Field]> {
  const known = byNumber.get(table);
  if (known) return known;
  const made = new Map(Object.entries(table).map(([name, field]) => [field.number, [name, field] as const]));
  byNumber.set(table, made);
  return made;
}

function readMessage(cursor: Cursor, end: number, table: MessageTable, depth: number): PlainMessage {
  if (depth > DEEPEST) throw otlpDamaged('a value in it is nested too deeply');
  const fields = fieldsOf(table);
  const message: PlainMessage = {};
  while (cursor.at < end) {
    const tag = Number(readVarint(cursor));
    const [name, field] = fields.get(Math.floor(tag / 8)) ?? [];
    const wire = tag % 8;
    if (name === undefined || field === undefined) {
      skip(cursor, wire);
      continue;
    }
    const value = readField(cursor, wire, field, depth);
    const list = message[name];
    if (!field.repeated) message[name] = value;
    else if (Array.isArray(list)) list.push(value);
    else message[name] = [value];
  }
  if (cursor.at !== end) throw otlpDamaged('it ends in the middle of a value');
  return message;
}

function readField(cursor: Cursor, wire: number, { type }: Field, depth: number): unknown {
  if (typeof type === 'function') {
    expect(wire, BYTES);
    const length = readLength(cursor);
    return readMessage(cursor, cursor.at + length, type(), depth + 1);
  }
  switch (type) {
    case 'string':
      expect(wire, BYTES);
      return fromUtf8.decode(readBytes(cursor));
    case 'hex':
      expect(wire, BYTES);
      return Buffer.from(readBytes(cursor)).toString('hex');
    case 'base64':
      expect(wire, BYTES);
      return Buffer.from(readBytes(cursor)).toString('base64');
    case 'bool':
      expect(wire, VARINT);
      return readVarint(cursor) !== 0n;
    case 'uint32':
      expect(wire, VARINT);
      return Number(BigInt.asUintN(32, readVarint(cursor)));
    case 'int64':
      expect(wire, VARINT);
      return String(BigInt.asIntN(64, readVarint(cursor)));
    case 'double':
      expect(wire, FIXED64);
      return cursor.view.getFloat64(advance(cursor, 8), true);
    case 'fixed64':
      expect(wire, FIXED64);
      return String(cursor.view.getBigUint64(advance(cursor, 8), true));
    case 'fixed32':
      expect(wire, FIXED32);
      return cursor.view.getUint32(advance(cursor, 4), true);
  }
}

function skip(cursor: Cursor, wire: number): void {
  if (wire === VARINT) readVarint(cursor);
  else if (wire === FIXED64) advance(cursor, 8);
  else if (wire === BYTES) readBytes(cursor);
  else if (wire === FIXED32) advance(cursor, 4);
  else throw otlpDamaged('it is no protocol buffer');
}

function expect(wire: number, wanted: number): void {
  if (wire !== wanted) throw otlpDamaged('a field in it has another type than OTLP gives it');
}

/** Moves on and returns where it stood. */
function advance(cursor: Cursor, by: number): number {
  const { at } = cursor;
  if (at + by > cursor.bytes.length) throw otlpDamaged('it ends in the middle of a value');
  cursor.at += by;
  return at;
}

function readLength(cursor: Cursor): number {
  const length = Number(readVarint(cursor));
  if (cursor.at + length > cursor.bytes.length) throw otlpDamaged('it ends in the middle of a value');
  return length;
}

function readBytes(cursor: Cursor): Uint8Array {
  const length = readLength(cursor);
  const start = advance(cursor, length);
  return cursor.bytes.subarray(start, start + length);
}

function readVarint(cursor: Cursor): bigint {
  // Nearly all are short: a number is quicker than a bigint.
  let small = 0;
  for (let index = 0; index < 4; index += 1) {
    const byte = cursor.bytes[advance(cursor, 1)] ?? 0;
    small += (byte & 0x7f) * 128 ** index;
    if (byte < 0x80) return BigInt(small);
  }
  let value = BigInt(small);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[advance(cursor, 1)] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw otlpDamaged('it is no protocol buffer');
}
