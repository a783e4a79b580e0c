/** What is answered instead of a result: a status, a sentence, and headers that go with it. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.headers = headers;
  }
}

export class BadRequest extends HttpError {
  constructor(message: string) {
    super(400, message);
    this.name = 'BadRequest';
  }
}

/** Nobody is known by what the request carries. RFC 9110 wants every 401 to say what would do. */
export class Unauthorized extends HttpError {
  constructor(message: string, challenge = 'Bearer realm="cardstock"') {
    super(401, message, { 'WWW-Authenticate': challenge });
    this.name = 'Unauthorized';
  }
}

/** A bearer token that stands for nobody, in the words of RFC 6750. */
export class InvalidToken extends Unauthorized {
  constructor() {
    super('Invalid token', 'Bearer realm="cardstock", error="invalid_token"');
  }
}

/** The caller is known, and may not do this. What a key of the dialect lacks permission for is 401 instead: CCXT retries 403. */
export class Forbidden extends HttpError {
  constructor(message: string) {
    super(403, message);
    this.name = 'Forbidden';
  }
}

export class NotFound extends HttpError {
  constructor(message = 'NotFound') {
    super(404, message);
    this.name = 'NotFound';
  }
}

/** The client asks for too much at once, and may ask again. */
export class TooManyRequests extends HttpError {
  constructor(message: string, retryAfter = 1, headers: Record<string, string> = {}) {
    super(429, message, { 'Retry-After': String(retryAfter), ...headers });
    this.name = 'TooManyRequests';
  }
}

/** The exchange cannot answer now. Asking again is always safe: for orders and transfers, with the same id of the client's. */
export class Unavailable extends HttpError {
  constructor(message: string) {
    super(503, message, { 'Retry-After': '1' });
    this.name = 'Unavailable';
  }
}
