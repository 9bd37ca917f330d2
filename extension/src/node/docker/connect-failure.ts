import { isAbort, messageOf } from '../../base/errors.ts';
import { SshFailure } from './ssh-tunnel.ts';

/** Why an engine did not answer, and what to do about it where that is known. */
export interface ConnectFailure {
  readonly reason: string;
  readonly action?: string;
}

/** Puts into words what the system, TLS or ssh says. */
export function connectFailure(error: unknown, speaksTls: boolean): ConnectFailure {
  if (error instanceof SshFailure) return { reason: error.message, action: error.action };
  const code = codeOf(error) ?? '';
  // Whoever gave up waiting says why in the cause.
  const reason = messageOf(isAbort(error) && error instanceof Error && error.cause ? error.cause : error);
  if (/CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code) && !code.startsWith('ERR_SSL'))
    return {
      reason: `its certificate is not trusted (${reason})`,
      action:
        'Put the certificate of its authority as ca.pem into the folder that DOCKER_CERT_PATH names, or into the Docker context.',
    };
  // Some say why, and some hang up in the middle of it.
  if (/ALERT|HANDSHAKE/.test(code) || (speaksTls && code === 'ECONNRESET'))
    return {
      reason: `it does not take our certificate (${reason})`,
      action:
        'Put cert.pem and key.pem that it trusts into the folder that DOCKER_CERT_PATH names, or into the Docker context.',
    };
  if (speaksTls && (code === 'EPROTO' || code.startsWith('ERR_SSL')))
    return { reason: 'it does not speak TLS', action: 'Unset DOCKER_TLS_VERIFY, or ask it on its TLS port.' };
  if (!speaksTls && /HTTP request to an HTTPS server/i.test(reason))
    return {
      reason: 'it speaks TLS only',
      action:
        'Set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.',
    };
  return { reason };
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
