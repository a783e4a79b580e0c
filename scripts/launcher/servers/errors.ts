/** Something a person can mend; the launcher prints its message alone, without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
