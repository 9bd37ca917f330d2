import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syscallProgram, type SystemCall } from './syscall-program.ts';

const text = (value: string) => ({ bytes: Buffer.from(`${value}\0`) });
const zeroes = (length: number) => ({ bytes: Buffer.alloc(length) });
/** `struct sockaddr_un` of a path. */
const unixAddress = (path: string) => ({ bytes: Buffer.concat([Buffer.of(1, 0), Buffer.from(`${path}\0`)]) });
const sigchld = 17;
const newUser = 0x10000000;
const character = 0o020600;

/** Each with the calls that it makes, by their numbers on x86-64; the last one must fail. */
const attacks: Readonly<Record<string, readonly SystemCall[]>> = {
  'socket(AF_UNIX)': [{ number: 41, arguments: [1, 1, 0] }],
  // `sendto` names a socket by its path also where `socket` was never called.
  'a Unix socket by way of a pair of datagram sockets': [
    { number: 53, arguments: [1, 2, 0, zeroes(8)] },
    { number: 44, arguments: [3, text('x'), 1, 0, unixAddress('/workspace/host.sock'), 30] },
  ],
  'socketpair(AF_UNIX, SOCK_DGRAM)': [{ number: 53, arguments: [1, 2, 0, zeroes(8)] }],
  'socket(AF_UNIX), with other bits above the 32 that count': [
    { number: 41, arguments: [0x1_0000_0001, 1, 0] },
  ],
  'socket(AF_INET, SOCK_RAW)': [{ number: 41, arguments: [2, 3, 1] }],
  'socket(AF_INET, SOCK_DGRAM, ICMP)': [{ number: 41, arguments: [2, 2, 1] }],
  'socket(AF_INET, SOCK_STREAM, SCTP)': [{ number: 41, arguments: [2, 1, 132] }],
  'socket(AF_PACKET)': [{ number: 41, arguments: [17, 3, 0x300] }],
  'socket(AF_VSOCK)': [{ number: 41, arguments: [40, 1, 0] }],
  'socket(AF_ALG)': [{ number: 41, arguments: [38, 5, 0] }],
  'socket(AF_NETLINK, NETFILTER)': [{ number: 41, arguments: [16, 3, 12] }],
  'socket(AF_BLUETOOTH)': [{ number: 41, arguments: [31, 3, 1] }],
  io_uring_setup: [{ number: 425, arguments: [8, zeroes(120)] }],
  io_setup: [{ number: 206, arguments: [8, zeroes(8)] }],
  bpf: [{ number: 321, arguments: [0, zeroes(72), 72] }],
  perf_event_open: [{ number: 298, arguments: [zeroes(128), 0, -1, -1, 0] }],
  userfaultfd: [{ number: 323, arguments: [1] }],
  memfd_secret: [{ number: 447, arguments: [0] }],
  memfd_create: [{ number: 319, arguments: [text('x'), 0] }],
  add_key: [{ number: 248, arguments: [text('user'), text('x'), text('y'), 1, -3] }],
  request_key: [{ number: 249, arguments: [text('user'), text('x'), 0, -3] }],
  keyctl: [{ number: 250, arguments: [0, -3, 1] }],
  'ptrace(ATTACH) of the first process': [{ number: 101, arguments: [16, 1, 0, 0] }],
  'process_vm_readv of the first process': [{ number: 310, arguments: [1, zeroes(16), 1, zeroes(16), 1, 0] }],
  'process_vm_writev of the first process': [
    { number: 311, arguments: [1, zeroes(16), 1, zeroes(16), 1, 0] },
  ],
  'pidfd_getfd of the output of the first process': [
    { number: 434, arguments: [1, 0] },
    { number: 438, arguments: [{ resultOf: 0 }, 1, 0] },
  ],
  kcmp: [{ number: 312, arguments: [1, 1, 0, 0, 0] }],
  'unshare(CLONE_NEWUSER)': [{ number: 272, arguments: [newUser] }],
  'clone(CLONE_NEWUSER)': [{ number: 56, arguments: [newUser | sigchld, 0, 0, 0, 0] }],
  clone3: [{ number: 435, arguments: [zeroes(88), 88] }],
  'setns of the first process': [
    { number: 434, arguments: [1, 0] },
    { number: 308, arguments: [{ resultOf: 0 }, newUser] },
  ],
  'mount(tmpfs)': [{ number: 165, arguments: [text('x'), text('/tmp'), text('tmpfs'), 0, 0] }],
  'umount of the sandbox over /proc/sys': [{ number: 166, arguments: [text('/proc/sys'), 2] }],
  'remount of the root for writing': [{ number: 165, arguments: [0, text('/'), 0, 0x20, 0] }],
  open_tree: [{ number: 428, arguments: [-100, text('/'), 1] }],
  fsopen: [{ number: 430, arguments: [text('proc'), 0] }],
  pivot_root: [{ number: 155, arguments: [text('/tmp'), text('/tmp')] }],
  chroot: [{ number: 161, arguments: [text('/tmp')] }],
  'open_by_handle_at, past the mount': [{ number: 304, arguments: [-100, zeroes(24), 0] }],
  name_to_handle_at: [{ number: 303, arguments: [-100, text('/workspace'), zeroes(144), zeroes(4), 0] }],
  fanotify_init: [{ number: 300, arguments: [0, 0] }],
  init_module: [{ number: 175, arguments: [zeroes(8), 8, text('')] }],
  kexec_load: [{ number: 246, arguments: [0, 0, 0, 0] }],
  reboot: [{ number: 169, arguments: [0xfee1dead, 672274793, 0, 0] }],
  'iopl(3)': [{ number: 172, arguments: [3] }],
  modify_ldt: [{ number: 154, arguments: [0, zeroes(16), 16] }],
  settimeofday: [{ number: 164, arguments: [zeroes(16), 0] }],
  'syslog, the kernel’s log': [{ number: 103, arguments: [3, zeroes(64), 64] }],
  swapoff: [{ number: 168, arguments: [text('/x')] }],
  acct: [{ number: 163, arguments: [0] }],
  sethostname: [{ number: 170, arguments: [text('x'), 1] }],
  'personality(ADDR_NO_RANDOMIZE)': [{ number: 135, arguments: [0x40000] }],
  'setuid(0)': [{ number: 105, arguments: [0] }],
  'mknod of the kernel’s memory': [{ number: 133, arguments: [text('/workspace/mem'), character, 0x101] }],
  'setrlimit: a larger largest file': [{ number: 160, arguments: [1, { bytes: Buffer.alloc(16, 0xff) }] }],
  'getpid through the x32 interface': [{ number: 0x40000027 }],
  'getpid through the 32-bit interface': [{ number: 20, int80: true }],
};

/** Writes one program for each attack, called by its number, into a folder that the container sees. */
export function writeKernelAttacks(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [index, calls] of Object.values(attacks).entries()) {
    const file = join(folder, String(index));
    writeFileSync(file, syscallProgram(calls));
    chmodSync(file, 0o755);
  }
}

/** A program that makes itself root, for the setuid bit. */
export function setuidProgram(): Buffer {
  return syscallProgram([{ number: 105, arguments: [0] }]);
}

/** EBADF: the call that should have made the descriptor had failed. SIGSEGV: this kernel has no 32-bit interface at all. */
const errors: Readonly<Record<number, string>> = {
  0: 'succeeded',
  1: 'EPERM',
  9: 'EBADF',
  38: 'ENOSYS',
  139: 'killed by SIGSEGV',
  159: 'killed by SIGSYS',
};

/** Prints the exit code of each in order. The `|| true` is for a shell that would end with a program that is killed. */
export const runKernelAttacks = (folder: string): string =>
  `cd ${folder}; i=0; while [ $i -lt ${Object.keys(attacks).length} ]; do ./$i 2>/dev/null; echo $?; i=$((i+1)); done`;

/** What became of each. */
export function kernelOutcomes(printed: string): readonly string[] {
  const codes = printed.split('\n').filter((line) => /^\d+$/.test(line));
  return Object.keys(attacks).map((name, index) => {
    const code = codes[index];
    return `${name} → ${code === undefined ? 'did not run' : (errors[Number(code)] ?? `exit code ${code}`)}`;
  });
}
