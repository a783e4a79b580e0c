import { RequestError } from '../errors.ts';

/** What only HTTP can get wrong: an encoding, a length. */
export class HttpError extends RequestError {
  override name = 'HttpError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
