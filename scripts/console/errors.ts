/** Something that a person can mend: a command tells its message alone, without a stack. */
export class PlainError extends Error {
  /** How a command ends that tells this, if otherwise than it ends by itself. */
  readonly exitCode?: number;
}

/** What is wrong with the words of a command. */
export class UsageError extends PlainError {
  override readonly name = 'UsageError';
}
