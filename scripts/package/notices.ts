// The notices that the packed extension owes to the packages whose code is in it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

/** What esbuild reports of a build, as far as it matters here. */
export const metafileSchema = z.object({
  outputs: z.record(
    z.string(),
    z.object({ inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })) }),
  ),
});

export type Metafile = z.infer<typeof metafileSchema>;

export interface PackageFacts {
  readonly name: string;
  readonly version: string;
  /** As the manifest says it. */
  readonly license?: string;
  readonly author?: string;
  /** Its licence and notice files, as they are. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

const WIDTH = 80;
const INTRODUCTION = `Strata contains code of the packages below. Each stands under its own licence, which follows its name.`;

/**
 * The text of THIRD_PARTY_NOTICES.txt: every package that gave at least one byte to an output, and `others` beside them.
 * `read` gives the facts of a package by its folder, such as `node_modules/zod`. Throws when one of them names no licence.
 */
export function thirdPartyNotices(
  metafile: Metafile,
  read: (folder: string) => PackageFacts,
  others: readonly PackageFacts[] = [],
): string {
  const byName = new Map<string, PackageFacts>();
  for (const facts of [...bundledPackages(metafile).map(read), ...others])
    byName.set(`${facts.name}@${facts.version}`, facts);
  const all = [...byName.keys()].sort().flatMap((key) => byName.get(key) ?? []);
  const without = all.filter(({ license, files }) => license === undefined && files.length === 0);
  if (without.length > 0)
    throw new Error(
      `These packages are bundled and say nothing of a licence: ${without.map(({ name, version }) => `${name} ${version}`).join(', ')}.\n` +
        'Find out whether they may be shipped, or replace them.',
    );
  return [INTRODUCTION, ...all.map((one) => notice(one, all))].join(`\n\n${'='.repeat(WIDTH)}\n`) + '\n';
}

/** The folders of the packages in a build's outputs, each once, sorted. What tree shaking left out does not count. */
export function bundledPackages(metafile: Metafile): string[] {
  const folders = new Set<string>();
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      // The last such folder names the package; a build that was started elsewhere has a path before the first.
      const found = /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      if (found !== undefined && bytesInOutput > 0) folders.add(found);
    }
  return [...folders].sort();
}

/** Reads a package's manifest and the files beside it that state its licence. */
export function readPackage(folder: string): PackageFacts {
  const { name, version, license, licenses, author } = manifestSchema.parse(
    JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')),
  );
  const named = license ?? licenses?.join(' OR ');
  return {
    name,
    version,
    ...(named === undefined || named === '' ? {} : { license: named }),
    ...(author === undefined ? {} : { author }),
    files: readdirSync(folder)
      .filter((file) => LICENCE_FILE.test(file))
      .sort()
      .map((file) => ({ name: file, text: readFileSync(path.join(folder, file), 'utf8') })),
  };
}

/** The report of the build in this folder. */
export function readMetafile(dist: string): Metafile {
  const file = path.join(dist, 'metafile.json');
  if (!existsSync(file)) throw new Error(`${file} is missing: run \`npm run build\` first.`);
  return metafileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

const LICENCE_FILE = /^(un)?(licen[cs]e|copying|notices?)([-.].*)?$/i;

const named = z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]);
const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: named.optional(),
  licenses: z.array(named).optional(),
  author: z
    .union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])
    .optional()
    .catch(undefined),
});

/** Words that only the whole text of a licence has, so that a package without it can be sent to one that has it. */
const TERMS: Readonly<Record<string, string>> = {
  'Apache-2.0': 'TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION',
  MIT: 'Permission is hereby granted, free of charge',
  ISC: 'Permission to use, copy, modify, and',
};

function notice(
  { name, version, license, author, files }: PackageFacts,
  all: readonly PackageFacts[],
): string {
  const heading = `${name} ${version}\nLicence: ${license ?? 'see below'}`;
  if (files.length > 0) {
    const texts = files.map((file) => `${`-- ${file.name} `.padEnd(WIDTH, '-')}\n\n${tidy(file.text)}`);
    return [heading, ...texts].join('\n\n');
  }
  const terms = license === undefined ? undefined : TERMS[license];
  const elsewhere = all.find(
    (other) =>
      other.license === license &&
      other.files.some(({ text }) => terms !== undefined && text.includes(terms)),
  );
  return [
    heading,
    ...(author === undefined ? [] : [`Author: ${author}`]),
    `The package carries no text of it.${elsewhere ? ` The terms stand under ${elsewhere.name} ${elsewhere.version}.` : ''}`,
  ].join('\n');
}

/** Line ends and trailing space differ from package to package. */
function tidy(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[ \t]+$/gm, '')
    .trim();
}
