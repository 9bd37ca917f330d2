import * as z from 'zod';

/** What an engine says of itself that decides how much of a sandbox it can keep up. */
export interface EngineFeatures {
  /** Podman speaks Docker's language, and differs where a file is meant. */
  readonly podman: boolean;
  readonly seccomp: boolean;
  readonly memoryLimit: boolean;
  readonly swapLimit: boolean;
  readonly processLimit: boolean;
  readonly cpuLimit: boolean;
  /** The engine has an init process to put into containers whose image has none. */
  readonly init: boolean;
}

const infoSchema = z.object({
  SecurityOptions: z.array(z.string()).nullish().catch([]),
  MemoryLimit: z.boolean().catch(false),
  SwapLimit: z.boolean().catch(false),
  PidsLimit: z.boolean().catch(false),
  CpuCfsQuota: z.boolean().catch(false),
  InitBinary: z.string().catch(''),
  /** Podman alone names it. */
  BuildahVersion: z.string().catch(''),
  Rootless: z.boolean().catch(false),
  CgroupVersion: z.string().catch(''),
});

/** Reads the answer to `GET /info`. What an engine does not mention it does not have. */
export function readFeatures(info: unknown): EngineFeatures {
  const known = infoSchema.parse(info);
  // Podman tells what the machine can; an ordinary user has no cgroups there before version 2.
  const limits = !(known.Rootless && known.CgroupVersion === '1');
  return {
    podman: known.BuildahVersion !== '',
    seccomp: (known.SecurityOptions ?? []).some((option) => /^(name=)?seccomp\b/.test(option)),
    memoryLimit: known.MemoryLimit && limits,
    swapLimit: known.SwapLimit && limits,
    processLimit: known.PidsLimit && limits,
    cpuLimit: known.CpuCfsQuota && limits,
    init: known.InitBinary !== '',
  };
}
