/** How commands speak: results on stdout (`--json`: one object a line), all else on stderr, and exit codes. */
export const exitCodes = { done: 0, failed: 1, wrongUse: 2, refused: 3 } as const;

/** Ends a command with a sentence for a person and an exit code. */
export class CommandEnd extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.name = 'CommandEnd';
    this.exitCode = exitCode;
  }
}

export const failed = (message: string): CommandEnd => new CommandEnd(message, exitCodes.failed);
export const wrongUse = (message: string): CommandEnd => new CommandEnd(message, exitCodes.wrongUse);
export const refused = (message: string): CommandEnd => new CommandEnd(message, exitCodes.refused);

export interface Io {
  readonly json: boolean;
  /** A result: with `--json` the object, else the text. */
  result(data: object, text: string): void;
  /** For people only; silent with `--json`. */
  say(text: string): void;
  warn(text: string): void;
}

/** What strangers sent and what tasks hold is shown too: none of it may command the terminal. */
export const plain = (text: string): string => text.replaceAll(/(?!\n)\p{Cc}/gu, '\ufffd');

export const processIo = (json: boolean): Io => ({
  json,
  result(data, text) {
    process.stdout.write(json ? `${JSON.stringify(data)}\n` : `${plain(text)}\n`);
  },
  say(text) {
    if (!json) process.stdout.write(`${plain(text)}\n`);
  },
  warn(text) {
    process.stderr.write(`${plain(text)}\n`);
  },
});

/** `1 task`, `2 tasks`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${String(count)} ${count === 1 ? one : many}`;

/** What a new bridge has not got, and how it gets it. */
export const missing = {
  accounts:
    'No accounts yet. Add one: svyazka account add NAME --kind planfix|bitrix24 (--help tells the rest)',
  mappings: 'No mapping is applied yet: svyazka apply MAPPING.yaml',
};

/** A reader that goes away (`svyazka status | head`) ends the output, not the command, which still has things to release. */
export function outliveReader(output: NodeJS.WritableStream): void {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** `romashka:5123` → account and task. */
export function taskRef(text: string): { readonly account: string; readonly task: string } {
  const match = /^([a-z][a-z0-9-]{0,39}):(\d{1,18})$/u.exec(text);
  if (!match)
    throw wrongUse(`"${text}" names no task. Write <account>:<task number>, for example romashka:5123`);
  return { account: match[1] ?? '', task: match[2] ?? '' };
}

/** Two or more columns, aligned. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, index) => Math.max(all[index] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
