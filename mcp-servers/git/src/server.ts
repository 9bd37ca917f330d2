import { start } from '../../start.ts';

start({ program: () => import('./program.ts') });
