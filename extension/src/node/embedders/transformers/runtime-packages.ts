/** A package of the npm registry that is fetched at first use, pinned by the digest of its archive. */
export interface RuntimePackage {
  readonly name: string;
  readonly version: string;
  /** As the registry and lock files write it. */
  readonly integrity: string;
  /** Of the archive, in bytes, for the progress that is shown. */
  readonly size: number;
  /** All that is kept of it: path in the archive → name on the disk. No package manager runs, and no script of a package. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * The builds for browsers, since they are the same on every platform: no native module, no compiler. ONNX Runtime as WebAssembly
 * takes some two to three times as long as the native one, in a thread of its own where nobody waits for it.
 */
export const RUNTIME_PACKAGES: readonly RuntimePackage[] = [
  {
    name: '@huggingface/transformers',
    version: '4.3.1',
    integrity:
      'sha512-5+voSeUCFK6PCKlY15dPhNOKq3/zOTxDN7oC+Wy9dFb1QZ0TSQomZRRy7URRK8YRuUoE9fGMQTTPC5d/pWBJhA==',
    size: 2_268_123,
    files: {
      'package/dist/transformers.min.js': 'transformers.mjs',
      'package/LICENSE': 'transformers.LICENSE',
    },
  },
  {
    name: 'onnxruntime-web',
    version: '1.30.0',
    integrity:
      'sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ==',
    size: 33_106_585,
    files: {
      'package/dist/ort.wasm.bundle.min.mjs': 'ort.mjs',
      'package/dist/ort-wasm-simd-threaded.wasm': 'ort.wasm',
    },
  },
];
