import { isUuid } from '@revenge/sdk';
import { jwtVerify, SignJWT } from 'jose';
import type { Keys } from './keys.ts';

/** Seconds. */
export const ACCESS_LIFETIME = 15 * 60;
const ISSUER = 'revenge';
const TYPE = 'at+jwt';
/** Ours have about 300 characters. */
const LONGEST = 1024;

export interface Claims {
  readonly userId: string;
  readonly sessionId: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Short signed tokens. A good signature alone lets nobody in: the session has to be there too. */
export class AccessTokens {
  readonly #keys: Keys;
  readonly #now: () => Date;

  constructor(keys: Keys, now: () => Date) {
    this.#keys = keys;
    this.#now = now;
  }

  sign(userId: string, sessionId: string): Promise<string> {
    const now = Math.floor(this.#now().getTime() / 1000);
    return new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'HS256', kid: this.#keys.kid, typ: TYPE })
      .setIssuer(ISSUER)
      .setSubject(userId)
      .setIssuedAt(now)
      .setExpirationTime(now + ACCESS_LIFETIME)
      .sign(this.#keys.accessKey);
  }

  /** undefined for whatever is not ours, whole and in time; what is wrong with it is nobody's business. */
  async verify(token: string): Promise<Claims | undefined> {
    if (token.length > LONGEST) return undefined;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys.accessKey, {
        algorithms: ['HS256'],
        issuer: ISSUER,
        typ: TYPE,
        requiredClaims: ['exp', 'iat', 'sub', 'sid'],
        currentDate: this.#now(),
      });
      const { sub = '', sid, exp = 0 } = payload;
      if (protectedHeader.kid !== this.#keys.kid || typeof sid !== 'string') return undefined;
      return isUuid(sub) && isUuid(sid) ? { userId: sub, sessionId: sid, expires: exp * 1000 } : undefined;
    } catch {
      // jose throws for each kind of bad token, and for nothing else here: the key is ours.
      return undefined;
    }
  }
}
