import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KernelError } from '../errors.ts';

const VERSION = 'v1';

/** Secrets at rest: AES-256-GCM (NIST SP 800-38D) under a key derived by HKDF (RFC 5869) from the server's one secret. */
export class SecretBox {
  readonly #secret: string;
  constructor(secret: string) {
    if (secret.length < 32) throw new RangeError('the secret key has to be 32 characters or longer');
    this.#secret = secret;
  }

  /** A key for one purpose ('signed-links'), the same on every node with this secret. 32 bytes. */
  key(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, 'revenge', purpose, 32));
  }

  seal(text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key('settings'), nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${Buffer.concat([nonce, sealed]).toString('base64url')}`;
  }

  /** Throws when the key is another or the text was changed. */
  open(sealed: string): string {
    const [version, body = ''] = sealed.split('.');
    const bytes = Buffer.from(body, 'base64url');
    if (version !== VERSION || bytes.length < 28) throw new Error('this is no sealed secret');
    const cipher = createDecipheriv('aes-256-gcm', this.key('settings'), bytes.subarray(0, 12));
    cipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]).toString('utf8');
  }
}

/** The configured secret, or the one in DATA/secret-key, made at first run and readable by its owner alone. */
export function openSecretBox(data: string, configured: string | undefined): SecretBox {
  if (configured) return new SecretBox(configured);
  const file = join(data, 'secret-key');
  try {
    mkdirSync(data, { recursive: true });
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new KernelError(
        'RV_DATA',
        `${file} cannot be written (${(error as NodeJS.ErrnoException).code})`,
        'Let this user write to the data folder, or name another with --data.',
        { cause: error },
      );
  }
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length < 32)
    throw new KernelError(
      'RV_DATA',
      `${file} is too short to be a key`,
      'Put the file back from a backup; without it stored secrets cannot be read and have to be entered again.',
    );
  return new SecretBox(secret);
}
