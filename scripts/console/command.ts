// A command as people start it: what it takes, its `--help`, and how it ends.

import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { PlainError, UsageError } from './errors.ts';

/** `start` is how it is started, such as `npm run audit`. Options and `main` do the rest. */
export function command(start: string, says: string) {
  return new Command(start)
    .description(says)
    .usage('-- [options]')
    .helpOption('--help', 'print this')
    .configureHelp({ helpWidth: 132 })
    .configureOutput({ outputError: () => {} }) // `main` tells it
    .exitOverride();
}

/** What the words of a command come to. Throws `UsageError`. */
export function optionsFrom<O>(
  command: { parse(...words: Words): { opts(): O } },
  words: readonly string[],
): O {
  try {
    return command.parse(words, { from: 'user' }).opts();
  } catch (error) {
    throw error instanceof CommanderError ? new UsageError(sentenceOf(error)) : error;
  }
}

type Words = [words: readonly string[], options: { from: 'user' }];

export type Ending = {
  /** How it ends where it was told what to mend. */
  readonly refusal?: number;
  /** Said before the message of an error that nobody expected; without it there is the stack. */
  readonly failure?: string;
  /** It goes on when its action has returned. */
  readonly goesOn?: boolean;
};

/** Does a command, and ends the process: what was under way may wait for servers that are gone. */
export async function main(command: CommandUnknownOpts, ending: Ending = {}): Promise<void> {
  try {
    await command.parseAsync();
    if (ending.goesOn) return;
  } catch (error) {
    process.exitCode = told(error, ending);
  }
  process.exit();
}

/** Tells an error, and returns how the command ends. */
function told(error: unknown, { refusal = 1, failure }: Ending): number {
  if (error instanceof CommanderError) {
    if (error.exitCode > 0) console.error(`${sentenceOf(error)}; --help tells what there is.`);
    return error.exitCode > 0 ? refusal : 0;
  }
  if (error instanceof PlainError) {
    console.error(error.message);
    return error.exitCode ?? refusal;
  }
  console.error(failure === undefined ? error : `${failure}: ${(error as Error).message}.`);
  return 1;
}

function sentenceOf({ message }: CommanderError): string {
  return message.replace(/^error: /, '');
}
