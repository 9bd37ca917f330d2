export { decideApproval } from './decide.ts';
export { ApprovalDesk } from './desk.ts';
export { shortArguments, tellOfApprovals } from './messages.ts';
export type { Decision } from './messages.ts';
