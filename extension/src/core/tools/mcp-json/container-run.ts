import { isPlaceholder, programName, readOptions, type Command, type Option } from './command-line.ts';
import type { SourceOfCommand } from './translated-command.ts';

const globalValues = new Set([
  '-H',
  '--host',
  '-c',
  '--context',
  '--config',
  '-l',
  '--log-level',
  '--connection',
  '--url',
]);

/** Options of `docker run` and `podman run` that have a value. */
const takesValue = new Set(
  (
    '-a -c -e -h -l -m -p -u -v -w --add-host --annotation --arch --attach --blkio-weight --cap-add --cap-drop --cgroup-parent ' +
    '--cgroupns --cidfile --cpu-period --cpu-quota --cpu-shares --cpus --cpuset-cpus --cpuset-mems --detach-keys --device ' +
    '--device-cgroup-rule --dns --dns-option --dns-search --domainname --entrypoint --env --env-file --expose --gpus ' +
    '--group-add --health-cmd --health-interval --health-retries --health-timeout --hostname --ip --ip6 --ipc --isolation ' +
    '--label --label-file --link --log-driver --log-opt --mac-address --memory --memory-reservation --memory-swap --mount ' +
    '--name --net --network --network-alias --oom-score-adj --os --pid --pids-limit --platform --publish --pull --restart ' +
    '--runtime --secret --security-opt --shm-size --stop-signal --stop-timeout --storage-opt --sysctl --tmpfs --ulimit --user ' +
    '--userns --uts --volume --volume-driver --volumes-from --workdir'
  ).split(' '),
);

/** What every container of Strata has or does by itself. */
const without = new Set(
  (
    '-i --interactive -t --tty --rm -d --detach --init --read-only -q --quiet --sig-proxy --name --cidfile -l --label ' +
    '--label-file --pull --log-driver --log-opt --restart -a --attach --detach-keys --cap-drop --no-healthcheck --stop-signal ' +
    '--stop-timeout -h --hostname --replace'
  ).split(' '),
);

/** `docker run …` and `podman run …`: undefined for any other command. */
export function containerRun({ command, arguments: args }: Command): SourceOfCommand | undefined {
  if (!['docker', 'podman', 'nerdctl'].includes(programName(command))) return undefined;
  const { rest: verb } = readOptions(args, globalValues);
  const words = verb[0] === 'container' ? verb.slice(1) : verb;
  if (words[0] !== 'run')
    return {
      unsupported: `Of ${programName(command)} only "run" can be taken over, and "${words[0] ?? ''}" cannot: name the image itself.`,
    };
  const { options, rest } = readOptions(words.slice(1), takesValue);
  const [image, ...more] = rest;
  if (image === undefined) return { unsupported: 'It names no image.' };
  const variables = options.filter(({ name }) => name === '-e' || name === '--env').map(readVariable);
  const entrypoint = options.findLast(({ name }) => name === '--entrypoint')?.value;
  return {
    source: {
      kind: 'image',
      image,
      ...(entrypoint ? { entrypoint: [entrypoint] } : {}),
      arguments: more,
    },
    environment: Object.fromEntries(
      variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    ),
    secrets: variables.flatMap(({ name, value }) => (value === undefined && name !== '' ? [name] : [])),
    notes: options.flatMap(noteOn),
  };
}

/** `NAME` alone is taken from the surroundings, and so is a value that is a placeholder. */
function readVariable({ value = '' }: Option): { readonly name: string; readonly value?: string } {
  const at = value.indexOf('=');
  if (at < 0) return { name: value };
  const given = value.slice(at + 1);
  return { name: value.slice(0, at), ...(isPlaceholder(given) ? {} : { value: given }) };
}

function noteOn({ name, value }: Option): readonly string[] {
  const shown = value === undefined ? name : `${name} ${value}`;
  switch (name) {
    case '-v':
    case '--volume':
    case '--mount':
    case '--volumes-from':
      return [
        `The mount ${value ?? ''} is not taken over: a server gets the workspace at /workspace when it may have files.`,
      ];
    case '--net':
    case '--network':
      if (value === 'none') return [];
      return [
        `The network ${value ?? ''} is not taken over: a server reaches the hosts that are listed for it.`,
      ];
    case '-p':
    case '--publish':
    case '-P':
    case '--publish-all':
      return [
        `The port ${value ?? ''} is not published: a server speaks over its standard streams.`.replace(
          '  ',
          ' ',
        ),
      ];
    case '--env-file':
      return [`The variables in ${value ?? ''} are not taken over: list those that are needed.`];
    case '--privileged':
    case '--cap-add':
    case '--device':
    case '--gpus':
    case '--security-opt':
    case '--pid':
    case '--ipc':
    case '--userns':
      return [`${shown} is not taken over: it would open the sandbox.`];
    case '-e':
    case '--env':
    case '--entrypoint':
      return [];
    default:
      return without.has(name) ? [] : [`The option ${shown} is not taken over.`];
  }
}
