/** Where in the shared Int32Array: the main thread's last sign of life (s, cut to 32 bits; 0: none yet), and whether it is held to be hung. */
export const HEARTBEAT = 0;
export const HUNG = 1;

/** What the thread of the port is started with. */
export interface ObservabilityData {
  readonly host: string;
  readonly port: number;
  readonly shared: SharedArrayBuffer;
  /** Silence of the main thread after which the process is not live. Milliseconds. */
  readonly hungMs: number;
  /** How long the main thread may take for an answer. Milliseconds. */
  readonly answerMs: number;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  /** Bytes are transferred, and take none of the thread's heap. */
  readonly text: string | Uint8Array<ArrayBuffer>;
}
export type Question = 'metrics' | 'ready';
export type ToThread = 'stop' | { readonly id: number; readonly answer: Answer };
export type FromThread =
  | { readonly listening: number }
  /** The thread ends by itself after it. */
  | { readonly refused: { readonly message: string; readonly code: string | undefined } }
  | { readonly failed: string }
  | { readonly id: number; readonly question: Question };
