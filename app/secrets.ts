/** Credentials encrypted at rest, and keys derived for other purposes, all from the one secret key. */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The secret key is not the one that this was encrypted with, or the text was changed. */
export class WrongSecretKey extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongSecretKey';
  }
}

export interface Secrets {
  /**
   * Encrypts with AES-256-GCM. `context` says what the text is for (`account:teyron`) and must be given again to read
   * it, so that one account's credential cannot be put in another's place.
   * The form: `v1.<key id>.<nonce>.<tag>.<text>`, base64url.
   */
  encrypt(text: string, context: string): string;
  /** Throws WrongSecretKey when the key, the context or the text is another. */
  decrypt(encrypted: string, context: string): string;
  /** 32 bytes that nobody can compute without the secret key; the same for the same purpose, for ever. */
  deriveKey(purpose: string): Uint8Array;
}

const version = 'v1';

/** `key`: 64 hexadecimal digits. */
export const secretsFrom = (key: string): Secrets => {
  const master = Buffer.from(key, 'hex');
  if (master.length !== 32) throw new Error('The secret key is not 64 hexadecimal digits.');
  const deriveKey = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', master, 'svyazka', purpose, 32));
  const encryption = deriveKey('credentials at rest');
  // Tells a wrong key from a damaged text, and tells nothing of the key.
  const keyId = createHash('sha256').update(deriveKey('key id')).digest('base64url').slice(0, 8);

  return {
    encrypt: (text, context) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', encryption, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      const parts = [nonce, cipher.getAuthTag(), body].map((part) => part.toString('base64url'));
      return [version, keyId, ...parts].join('.');
    },
    decrypt: (encrypted, context) => {
      const [format, id, nonce = '', tag = '', body = ''] = encrypted.split('.');
      if (format !== version)
        throw new WrongSecretKey(`The secret of ${context} is in a form that this version does not know.`);
      if (id !== keyId)
        throw new WrongSecretKey(
          `The secret of ${context} was encrypted with another key. Give back the earlier SVYAZKA_SECRET_KEY ` +
            '(or the file secret.key of the data folder), or add the account again with its credential.',
        );
      try {
        const decipher = createDecipheriv('aes-256-gcm', encryption, Buffer.from(nonce, 'base64url'), {
          authTagLength: 16,
        })
          .setAAD(Buffer.from(context))
          .setAuthTag(Buffer.from(tag, 'base64url'));
        return decipher.update(body, 'base64url', 'utf8') + decipher.final('utf8');
      } catch {
        // The library's own words ("unable to authenticate data") tell no more than this.
        throw new WrongSecretKey(
          `The secret of ${context} is damaged or belongs elsewhere. Add the account again with its credential.`,
        );
      }
    },
    deriveKey,
  };
};

const keyFile = (dataDir: string): string => join(dataDir, 'secret.key');

const errorCode = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/**
 * The key given by the environment, else the one in the data folder, made there at the first start with mode 600. Of
 * two processes that start at once both get the same. Throws when the file holds no key.
 */
export const secretKeyOf = async (dataDir: string, given: string | undefined): Promise<string> => {
  if (given !== undefined) return given;
  const path = keyFile(dataDir);
  const found = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    await makeKeyFile(path);
    return secretKeyOf(dataDir, undefined);
  }
  if (/^[0-9a-f]{64}\s*$/.test(found)) return found.trim();
  throw new Error(
    `${path} holds no key (64 hexadecimal digits). Restore it from your copy, or set SVYAZKA_SECRET_KEY.`,
  );
};

const makeKeyFile = async (path: string): Promise<void> => {
  const unfinished = `${path}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeFile(unfinished, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true });
  try {
    await chmod(unfinished, 0o600);
    await link(unfinished, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(unfinished);
  }
};
