export { parseRouteConfig } from './parse.ts';
