import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { readFeatures } from '../../extension/src/node/docker/engine-features.ts';
import { seccompProfile } from '../../extension/src/node/docker/seccomp.ts';

test('what an engine does not mention it does not have', () => {
  assert.deepEqual(readFeatures({}), {
    podman: false,
    seccomp: false,
    memoryLimit: false,
    swapLimit: false,
    processLimit: false,
    cpuLimit: false,
    init: false,
  });
  const docker = {
    SecurityOptions: ['name=seccomp,profile=default'],
    MemoryLimit: true,
    SwapLimit: true,
    PidsLimit: true,
  };
  assert.deepEqual(readFeatures({ ...docker, CpuCfsQuota: true, InitBinary: 'docker-init' }), {
    podman: false,
    seccomp: true,
    memoryLimit: true,
    swapLimit: true,
    processLimit: true,
    cpuLimit: true,
    init: true,
  });
  assert.equal(readFeatures({ SecurityOptions: ['seccomp'], BuildahVersion: '1.28.2' }).podman, true);
  assert.equal(readFeatures({ SecurityOptions: null, MemoryLimit: 'yes' }).memoryLimit, false);
});

const profile = z
  .object({
    defaultAction: z.string(),
    archMap: z.array(z.object({ architecture: z.string(), subArchitectures: z.array(z.string()) })),
    syscalls: z.array(
      z.object({ names: z.array(z.string()), action: z.string(), args: z.array(z.unknown()).optional() }),
    ),
  })
  .parse(JSON.parse(seccompProfile()));

test('the profile refuses what it does not name, and no architecture has a second door', () => {
  assert.equal(profile.defaultAction, 'SCMP_ACT_ERRNO');
  assert.ok(profile.archMap.every(({ subArchitectures }) => subArchitectures.length === 0));
  const free = profile.syscalls.filter(({ action, args }) => action === 'SCMP_ACT_ALLOW' && !args);
  const names = new Set(free.flatMap((rule) => rule.names));
  assert.equal(names.size, free.flatMap((rule) => rule.names).length, 'none stands there twice');
  for (const name of [
    'socket',
    'socketpair',
    'socketcall',
    'clone',
    'clone3',
    'personality',
    'ptrace',
    'mount',
    'unshare',
    'bpf',
  ])
    assert.equal(names.has(name), false, name);
});
