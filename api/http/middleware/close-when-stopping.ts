import type { Middleware } from 'koa';

/** Once the process was told to stop, every answer asks its client to open no further request on the connection. */
export function closeWhenStopping(stopping: AbortSignal): Middleware {
  return async (ctx, next) => {
    await next();
    if (stopping.aborted) ctx.set('Connection', 'close');
  };
}
