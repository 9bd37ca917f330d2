import { ownFile } from '../../own-file.ts';
import { findProgram } from '../../programs.ts';
import type { ServerProgram } from '../../serve.ts';
import { ToolFailure } from '../../tool.ts';
import type { KernelProgram } from './kernel.ts';
import { Notebook } from './notebook.ts';
import pythonKernel from './python/kernel.py' with { type: 'text' };
import { toolsFor } from './tools.ts';

const kernelArgument = '--javascript-kernel';

export const program: ServerProgram = {
  name: 'code',
  open: (root) => {
    const python = new Notebook('Python', root(), pythonProgram);
    const javascript = new Notebook('JavaScript', root(), javascriptProgram);
    return {
      tools: toolsFor({ python, javascript }),
      onEnd: () => {
        python.reset();
        javascript.reset();
      },
    };
  },
};

function pythonProgram(): KernelProgram {
  const program = findProgram('python3');
  if (!program)
    throw new ToolFailure(
      'python3 is missing here. Use the tool `javascript`, or install Python in the image of this server.',
    );
  return {
    program,
    arguments: ['-u', '-B', '-c', pythonKernel],
    environment: { ...inherited(), PYTHONIOENCODING: 'utf-8:replace', MPLBACKEND: 'agg' },
    interrupt: 'signal',
  };
}

function javascriptProgram(): KernelProgram {
  return {
    program: process.execPath,
    arguments: ['--no-warnings', ownFile(), kernelArgument],
    environment: inherited(),
    interrupt: 'frame',
  };
}

function inherited(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) environment[name] = value;
  return environment;
}
