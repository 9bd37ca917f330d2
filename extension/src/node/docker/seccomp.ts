import { allowedCalls } from './seccomp-calls.ts';

interface Condition {
  readonly index: number;
  readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ';
  /** What to compare with; for a masked comparison the mask. */
  readonly value: number;
  /** What the masked bits must be. */
  readonly valueTwo?: number;
}

interface Rule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  readonly args?: readonly Condition[];
}

const ENOSYS = 38;
/** Address families and socket types as in Linux' own headers, the same for all its architectures here. */
const family = { unix: 1, inet: 2, inet6: 10, netlink: 16 };
const socketType = { stream: 1, datagram: 2, raw: 3, sequential: 5 };
/** The type's number is in the low bits, flags such as close-on-exec above them. */
const typeBits = 0xf;
const protocol = { any: 0, tcp: 6, udp: 17 };
const netlinkRoute = 0;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const namespaceFlags = 0x7e020000;
/** PER_LINUX, PER_LINUX32, UNAME26 with each, and the question which one it is. */
const personalities = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

/**
 * A seccomp profile in the form that engines take, stricter than their own, for the architecture of the engine alone: the
 * 32-bit calls of a 64-bit kernel would be a second door. A program may open TCP and UDP sockets, which lead nowhere but
 * to its own loopback where there is no network, and ask for its own addresses; no Unix socket, so that one which lies in
 * the workspace cannot be reached, and none of the rarer families. Of pairs only those that can send to nobody but each
 * other: with a pair of datagram sockets one could address a socket by its path.
 */
export function seccompProfile(): string {
  return JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    archMap: [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: [] },
    ],
    syscalls: rules(),
  });
}

function rules(): readonly Rule[] {
  return [
    allow(allowedCalls),
    ...[family.inet, family.inet6].flatMap((domain) =>
      [socketType.stream, socketType.datagram].flatMap((type) =>
        Object.values(protocol).map((wanted) =>
          allow(['socket'], equal(0, domain), masked(1, typeBits, type), equal(2, wanted)),
        ),
      ),
    ),
    ...[socketType.raw, socketType.datagram].map((type) =>
      allow(['socket'], equal(0, family.netlink), masked(1, typeBits, type), equal(2, netlinkRoute)),
    ),
    ...[socketType.stream, socketType.sequential].map((type) =>
      allow(['socketpair'], equal(0, family.unix), masked(1, typeBits, type)),
    ),
    allow(['clone'], masked(0, namespaceFlags, 0)),
    // Their arguments lie in memory where no rule can see them, so programs are told to do it in the older way.
    { names: ['clone3', 'memfd_create'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    ...personalities.map((value) => allow(['personality'], equal(0, value))),
  ];
}

function allow(names: readonly string[], ...args: readonly Condition[]): Rule {
  return { names, action: 'SCMP_ACT_ALLOW', ...(args.length > 0 ? { args } : {}) };
}

function equal(index: number, value: number): Condition {
  return { index, op: 'SCMP_CMP_EQ', value };
}

function masked(index: number, mask: number, value: number): Condition {
  return { index, op: 'SCMP_CMP_MASKED_EQ', value: mask, valueTwo: value };
}
