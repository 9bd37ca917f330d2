import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';

export function canMakeCertificates(): boolean {
  return spawnSync('openssl', ['version']).status === 0;
}

export interface TlsEngine {
  readonly port: number;
  /** Holds ca.pem, cert.pem and key.pem, as DOCKER_CERT_PATH wants them. */
  readonly certificates: string;
  /** The same for an authority that the engine does not know. */
  readonly strangers: string;
  /** Ends every connection that is open. */
  cut(): void;
  remove(): Promise<void>;
}

/** Stands in front of an engine's socket and speaks TLS, asking for a certificate, as `dockerd --tlsverify` does. */
export async function engineBehindTls(socketPath: string): Promise<TlsEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-tls-'));
  const own = makeCertificates(join(folder, 'own'));
  const strangers = makeCertificates(join(folder, 'strangers'));
  // Also those that never speak TLS.
  const open = new Set<Socket>();
  const options = {
    key: readFileSync(join(own, 'server-key.pem')),
    cert: readFileSync(join(own, 'server-cert.pem')),
    ca: readFileSync(join(own, 'ca.pem')),
    requestCert: true,
    rejectUnauthorized: true,
    allowHalfOpen: true,
  };
  const server = createServer(options, (near) => {
    const far = connect({ path: socketPath, allowHalfOpen: true });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
  });
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    certificates: own,
    strangers,
    cut,
    remove: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An authority, a server's certificate for every name of this machine that tests use, and a client's. */
export function makeCertificates(folder: string): string {
  mkdirSync(folder);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const request = ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    ...request,
    '-x509',
    '-days',
    '2',
    '-subj',
    '/CN=authority',
    '-keyout',
    'ca-key.pem',
    '-out',
    'ca.pem',
  );
  for (const [name, key, cert, use] of [
    ['engine', 'server-key.pem', 'server-cert.pem', 'serverAuth'],
    ['client', 'key.pem', 'cert.pem', 'clientAuth'],
  ] as const) {
    openssl(...request, '-subj', `/CN=${name}`, '-keyout', key, '-out', 'request.pem');
    writeFileSync(
      join(folder, 'extensions'),
      `subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=${use}\n`,
    );
    const signing = [
      'x509',
      '-req',
      '-in',
      'request.pem',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca-key.pem',
      '-CAcreateserial',
    ];
    openssl(...signing, '-days', '2', '-extfile', 'extensions', '-out', cert);
  }
  return folder;
}
