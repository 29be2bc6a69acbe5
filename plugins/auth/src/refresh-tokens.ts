import { createHmac, hash, randomBytes } from 'node:crypto';

/** Days. */
export const REFRESH_LIFETIME = 30;

/** 256 random bits. */
export const newRefreshToken = (): string => randomBytes(32).toString('base64url');
/** What the database keeps of one. */
export const refreshHash = (token: string): Buffer => Buffer.from(hash('sha256', token, 'hex'), 'hex');
/**
 * Always the same for the same token: two tabs that refresh at once, and a client whose answer got lost, end up with one chain and not with
 * two, so that a thief and the owner cannot both go on unseen. Who knows the database but no token cannot derive any.
 */
export const successorOf = (token: string, key: Buffer): string =>
  createHmac('sha256', key).update(token).digest('base64url');
