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

export class Unauthorized extends HttpError {
  constructor(message: string) {
    super(401, message);
    this.name = 'Unauthorized';
  }
}

export class NotFound extends HttpError {
  constructor(message = 'NotFound') {
    super(404, message);
    this.name = 'NotFound';
  }
}

/** The exchange cannot answer now. Asking again is always safe: for orders and transfers, with the same id of the client's. */
export class Unavailable extends HttpError {
  constructor(message: string) {
    super(503, message, { 'Retry-After': '1' });
    this.name = 'Unavailable';
  }
}
