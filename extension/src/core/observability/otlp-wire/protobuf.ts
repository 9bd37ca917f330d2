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
  const pieces: Uint8Array[] = [];
  writeMessage(pieces, table, message);
  return joined(pieces);
}

/** Fields that the table does not know are skipped. Throws `otlp-damaged` for what is no message, or ends too soon. */
export function decodeMessage(table: MessageTable, bytes: Uint8Array): PlainMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readMessage({ bytes, view, at: 0 }, bytes.length, table, 0);
}

function writeMessage(pieces: Uint8Array[], table: MessageTable, message: object): void {
  const members = new Map<string, unknown>(Object.entries(message));
  for (const [name, field] of Object.entries(table)) {
    const value = members.get(name);
    if (value === undefined || value === null) continue;
    if (!field.repeated) writeField(pieces, field, value);
    else if (Array.isArray(value)) for (const item of value as unknown[]) writeField(pieces, field, item);
  }
}

function writeField(pieces: Uint8Array[], { number, type }: Field, value: unknown): void {
  if (typeof type === 'function') {
    if (typeof value !== 'object' || value === null) return;
    const inner: Uint8Array[] = [];
    writeMessage(inner, type(), value);
    const length = inner.reduce((sum, { length }) => sum + length, 0);
    pieces.push(varint(number * 8 + BYTES), varint(length));
    for (const piece of inner) pieces.push(piece);
    return;
  }
  const [wire, bytes] = scalar(type, value);
  pieces.push(varint(number * 8 + wire));
  if (wire === BYTES) pieces.push(varint(bytes.length));
  pieces.push(bytes);
}

function scalar(type: ScalarType, value: unknown): readonly [number, Uint8Array] {
  switch (type) {
    case 'string':
      return [BYTES, utf8.encode(String(value))];
    case 'hex':
      return [BYTES, Uint8Array.from(Buffer.from(String(value), 'hex'))];
    case 'base64':
      return [BYTES, Uint8Array.from(Buffer.from(String(value), 'base64'))];
    case 'bool':
      return [VARINT, varint(value === true ? 1 : 0)];
    case 'uint32':
      return [VARINT, varint(Number(value))];
    case 'int64':
      return [VARINT, bigVarint(BigInt.asUintN(64, BigInt(String(value))))];
    case 'double':
      return [FIXED64, fixed(8, (view) => view.setFloat64(0, Number(value), true))];
    case 'fixed64':
      return [FIXED64, fixed(8, (view) => view.setBigUint64(0, BigInt(String(value)), true))];
    case 'fixed32':
      return [FIXED32, fixed(4, (view) => view.setUint32(0, Number(value), true))];
  }
}

function fixed(length: number, set: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  set(new DataView(bytes.buffer));
  return bytes;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function bigVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) + 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    result.set(piece, at);
    at += piece.length;
  }
  return result;
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
