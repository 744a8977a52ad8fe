import { generate } from 'selfsigned';

/** A key and its certificate, both PEM. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

const dayMs = 86_400_000;

function validity(now: Date): { notBeforeDate: Date; notAfterDate: Date } {
  return {
    notBeforeDate: new Date(now.getTime() - dayMs),
    notAfterDate: new Date(now.getTime() + 825 * dayMs),
  };
}

/** Makes a certificate authority of our own; clients of the emulators' https ports have to trust it. */
export async function makeAuthority(now: Date): Promise<KeyPair> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'Svyazka emulators' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...validity(now),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
  return { key, cert };
}

/** Makes a server certificate for loopback and the given names, signed by the authority. */
export async function makeServerCertificate(
  authority: KeyPair,
  names: readonly string[],
  now: Date,
): Promise<KeyPair> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...validity(now),
    ca: { key: authority.key, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          ...['localhost', ...names].map((value) => ({ type: 2 as const, value })),
        ],
      },
    ],
  });
  return { key, cert };
}
