// The load process as its parent sees it.

import type { Mix } from './orders.ts';
import { startTool } from './tool.ts';

export type LoadOptions = Mix & {
  readonly orders: number;
  readonly batch: number;
  readonly connections: number;
  readonly cancels: number;
  readonly async: boolean;
  readonly port: number;
  /** To send by gRPC; null is by REST. */
  readonly grpcPort?: number | null;
  readonly token: string;
  /** Where to keep the bodies. */
  readonly file: string;
};

/** `refused` batches were sent again. */
export type LoadResult = { readonly orders: number; readonly refused: number; readonly cancels: number };

export type ToLoad = { readonly kind: 'prepare'; readonly options: LoadOptions } | { readonly kind: 'go' };

export type Load = {
  readonly pid: number;
  /** Sends everything, and resolves when all of it was answered. */
  readonly run: () => Promise<LoadResult>;
  readonly stop: () => Promise<void>;
};

/** Resolves once the bodies are prepared. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { pid, ask, stop } = startTool('load.ts');
  await ask({ kind: 'prepare', options } satisfies ToLoad);
  return { pid, stop, run: async () => (await ask({ kind: 'go' } satisfies ToLoad)) as LoadResult };
}
