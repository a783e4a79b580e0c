import type { Middleware } from 'koa';
import helmet from 'koa-helmet';

/** For pages and what they consist of: nothing from elsewhere, nothing inline, in no frame of others. */
export const pagePolicy: Middleware = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // Whoever ends TLS in front of the api says so; on plain HTTP it would lock people out.
  strictTransportSecurity: false,
}) as unknown as Middleware;
