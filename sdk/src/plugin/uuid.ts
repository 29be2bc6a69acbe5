import { v7, validate } from 'uuid';

/**
 * A UUIDv7 (RFC 9562): ids that grow with time, so that new rows lie side by side in their index. Without `now` they also grow within one
 * millisecond of one process, so that what a batch makes keeps its order.
 */
export const uuidV7 = (now?: Date): string => (now ? v7({ msecs: now.getTime() }) : v7());

/** A UUID of any version. Ask before a client's id goes to PostgreSQL, which answers others with an error. */
export const isUuid = (text: string): boolean => validate(text);
