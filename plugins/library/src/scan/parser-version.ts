/** Raised whenever the parser reads names better: every scan then reads again the names that an older one read. */
export const PARSER_VERSION = 1;
