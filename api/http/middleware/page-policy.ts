import type { Middleware } from 'koa';
import helmet from 'koa-helmet';

/** For pages and what they consist of: nothing from elsewhere, nothing inline, in no frame. Charts draw, and set styles by script. */
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
      formAction: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
  // Whoever ends TLS in front of the api says so; on plain HTTP it would lock people out.
  strictTransportSecurity: false,
}) as unknown as Middleware;
