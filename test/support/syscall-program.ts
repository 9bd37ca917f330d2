/** A value for a system call: a number, the address of some bytes, or what an earlier call of the same program returned. */
export type Argument = number | bigint | { readonly bytes: Uint8Array } | { readonly resultOf: number };

export interface SystemCall {
  readonly number: number;
  readonly arguments?: readonly Argument[];
  /** By way of the 32-bit interface of the kernel. */
  readonly int80?: boolean;
}

const base = 0x400000;
const headerBytes = 64 + 56;
const resultBytes = 8;
/** mov rdi, rsi, rdx, r10, r8, r9: an immediate, and from an absolute address. */
const registers = [
  { immediate: [0x48, 0xbf], memory: [0x48, 0x8b, 0x3c, 0x25] },
  { immediate: [0x48, 0xbe], memory: [0x48, 0x8b, 0x34, 0x25] },
  { immediate: [0x48, 0xba], memory: [0x48, 0x8b, 0x14, 0x25] },
  { immediate: [0x49, 0xba], memory: [0x4c, 0x8b, 0x14, 0x25] },
  { immediate: [0x49, 0xb8], memory: [0x4c, 0x8b, 0x04, 0x25] },
  { immediate: [0x49, 0xb9], memory: [0x4c, 0x8b, 0x0c, 0x25] },
] as const;

/**
 * A static Linux program for x86-64 that makes these calls one after the other, and exits with the error number of the last one
 * or with 0. Written byte by byte, since neither the images nor the machines that run the tests have to have a compiler.
 */
export function syscallProgram(calls: readonly SystemCall[]): Buffer {
  // The size of the code does not depend on where the data lies, so a first pass with any address tells it.
  const length = assemble(calls, 0, 0).length;
  const results = base + headerBytes + length;
  const data = results + calls.length * resultBytes;
  const code = assemble(calls, results, data);
  const bytes = calls.flatMap(({ arguments: given = [] }) => given.flatMap(bytesOf));
  const body = Buffer.concat([code, Buffer.alloc(calls.length * resultBytes), ...bytes]);
  return Buffer.concat([header(body.length), body]);
}

function bytesOf(argument: Argument): Uint8Array[] {
  return typeof argument === 'object' && 'bytes' in argument ? [argument.bytes] : [];
}

function assemble(calls: readonly SystemCall[], results: number, data: number): Buffer {
  const code: number[] = [];
  let at = data;
  for (const [index, { number, arguments: given = [], int80 = false }] of calls.entries()) {
    code.push(0x48, 0xb8, ...u64(number)); // mov rax, number
    for (const [i, argument] of given.entries()) {
      const register = registers[i];
      if (!register) throw new Error('a system call has six arguments at most');
      if (typeof argument === 'object' && 'resultOf' in argument) {
        code.push(...register.memory, ...u32(results + argument.resultOf * resultBytes));
        continue;
      }
      const value = typeof argument === 'object' ? at : argument;
      if (typeof argument === 'object') at += argument.bytes.length;
      code.push(...register.immediate, ...u64(value));
    }
    code.push(...(int80 ? [0xcd, 0x80] : [0x0f, 0x05]));
    code.push(0x48, 0x89, 0x04, 0x25, ...u32(results + index * resultBytes)); // mov [result], rax
  }
  // xor edi, edi; test rax, rax; jns over; mov rdi, rax; neg rdi; over: mov eax, exit; syscall
  code.push(0x31, 0xff, 0x48, 0x85, 0xc0, 0x79, 0x06, 0x48, 0x89, 0xc7, 0x48, 0xf7, 0xdf);
  code.push(0xb8, ...u32(60), 0x0f, 0x05);
  return Buffer.from(code);
}

/** An ELF file with one segment that may be read, written and run, loaded whole. */
function header(bodyBytes: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(2, 16); // An executable,
  bytes.writeUInt16LE(62, 18); // for x86-64,
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(base + headerBytes), 24); // which begins here.
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(64, 52);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(1, 64);
  bytes.writeUInt32LE(7, 68);
  bytes.writeBigUInt64LE(BigInt(base), 80);
  bytes.writeBigUInt64LE(BigInt(base), 88);
  bytes.writeBigUInt64LE(BigInt(headerBytes + bodyBytes), 96);
  bytes.writeBigUInt64LE(BigInt(headerBytes + bodyBytes), 104);
  bytes.writeBigUInt64LE(0x1000n, 112);
  return bytes;
}

function u32(value: number): number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return [...bytes];
}

function u64(value: number | bigint): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return [...bytes];
}
