/** This instance's log lines; what its config calls secret is redacted. */
export interface Log {
  debug(m: string, f?: object): void;
  info(m: string, f?: object): void;
  warn(m: string, f?: object): void;
  error(m: string | Error, f?: object): void;
}
