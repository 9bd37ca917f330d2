import { openTools } from './tool-world.ts';

// A program of its own that a test can kill: opens the tools on a folder, begins a long command and says so.
const [folder, run] = process.argv.slice(2);
if (!folder || !run) throw new Error('usage: docker-client-process <folder> <run>');
const tools = await openTools({ folder, run });
await tools.say('files_list', {});
const output = tools.call('shell_run', {
  arguments: { command: 'echo begun; sleep 300 & while :; do :; done' },
  signal: new AbortController().signal,
  onOutput: (text) => console.log(text),
});
await output;
