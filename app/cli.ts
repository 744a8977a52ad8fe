#!/usr/bin/env node
/** The command line: parses, wires a command to its things, and turns what it throws into a sentence and an exit code. */
import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { Command, CommanderError, Option } from 'commander';
import { SchemaTooNew } from '../store/postgres/migrate.ts';
import { AlreadyRunning } from '../store/postgres/server.ts';
import {
  accountAdd,
  accountCheck,
  accountList,
  type AddOptions,
  type CheckOptions,
} from './commands/account.ts';
import { actorAdd, type ActorOptions, actorRemove } from './commands/actor.ts';
import { type DocsMakeOptions } from './commands/docs.ts';
import { CommandEnd, exitCodes, failed, type Io, outliveReader, processIo } from './commands/io.ts';
import { allowSpace, item, retryTask, status } from './commands/look.ts';
import { run } from './commands/run.ts';
import { accountWebhook } from './commands/webhook.ts';
import { type Session, withSession } from './commands/session.ts';
import { apply, linkTasks, unlinkTask } from './commands/space.ts';
import { type Environment, EnvironmentError, readEnvironment } from './environment.ts';
import { openLog } from './log.ts';
import { WrongSecretKey } from './secrets.ts';

const program = new Command('svyazka')
  .description(
    'A bridge between Planfix and Bitrix24 accounts: shared tasks stay in step, each side sees what its role allows.',
  )
  .option('--json', 'results as one JSON object a line on stdout, all else on stderr')
  .showHelpAfterError('(--help after the command shows how)')
  .showSuggestionAfterError()
  .exitOverride()
  .addHelpText(
    'after',
    `
Exit codes: 0 done · 1 failed · 2 wrong use · 3 refused (mistakes in a mapping or template, an address, a second start)
Begin with: npm run demo, then svyazka start, svyazka account add, svyazka apply`,
  );

const environmentOf = (): Environment => readEnvironment(process.env, process.cwd());
const ioOf = (): Io => processIo(program.opts<{ json?: boolean }>().json === true);

/** Resolves with the signal's name at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve(signal);
      });
  });
}

function quietEnvironment(): Environment {
  const environment = environmentOf();
  // A command's log is for troubles: what it did, it says itself.
  return process.env['SVYAZKA_LOG_LEVEL'] ? environment : { ...environment, logLevel: 'warn' };
}

function inSession(work: (session: Session, io: Io) => Promise<void>): Promise<void> {
  const environment = quietEnvironment();
  return withSession(environment, openLog(environment.logLevel), (session) => work(session, ioOf()));
}

const runs = (name: string, about: string, roles: readonly ('server' | 'worker')[]): void => {
  program
    .command(name)
    .description(about)
    .action(async () => {
      const environment = environmentOf();
      const io = ioOf();
      await run(environment, openLog(environment.logLevel), roles, (text) => io.warn(text), stopSignal());
    });
};
runs('start', 'run the bridge: webhooks, work and, without DATABASE_URL, its own database', [
  'server',
  'worker',
]);
runs('server', 'only receive webhooks (needs DATABASE_URL)', ['server']);
runs('worker', 'only do the work (needs DATABASE_URL)', ['worker']);

const account = program.command('account').description('the accounts of the CRMs');
account
  .command('add <name>')
  .description('add an account, or change its credential')
  .addOption(new Option('--kind <kind>', 'which CRM').choices(['planfix', 'bitrix24']).makeOptionMandatory())
  .requiredOption(
    '--url <url>',
    'https://NAME.planfix.ru, the URL of a Bitrix24 incoming webhook, or a portal',
  )
  .option('--token-stdin', "read the secret from stdin: Planfix's token, or Bitrix24's webhook URL")
  .option('--actor <person>', 'whom the credential acts as: user:1 (Planfix); Bitrix24 tells it itself')
  .option('--organisation <name>', 'the company, as others read it in author lines')
  .option('--zone <zone>', 'time zone of the acting user (Planfix sends times without one)', 'Europe/Moscow')
  .option('--application-token <token>', "token of Bitrix24's outgoing webhook")
  .option('--app', 'Bitrix24: a local application of the portal at --url, instead of an incoming webhook')
  .option('--client-id <code>', 'code of the application (client_id); its key is read from stdin')
  .option('--allow-private', 'allow a private or loopback host for this account')
  .option('--ca <file>', "PEM of an extra certificate authority of the account's server")
  .option('--unlimited', 'hold no request back (only for emulators without limits)')
  .action(async (name: string, options: AddOptions) => {
    const secret =
      options.tokenStdin || options.clientId !== undefined ? (await readAll(process.stdin)).trim() : null;
    const ca = options.ca === undefined ? null : await readFile(options.ca, 'utf8');
    await inSession((session, io) => accountAdd(session, io, name, options, secret, ca));
  });
const actor = account
  .command('actor')
  .description(
    "others whose credentials an account has, for moves of a status that are not the acting user's",
  );
actor
  .command('add <name>')
  .description('give an account the credential of another person or robot, or change it')
  .option('--url <url>', 'the URL of that user’s Bitrix24 incoming webhook')
  .option('--token-stdin', 'read the secret from stdin: the Planfix token, or the URL of the webhook')
  .option('--as <person>', 'whose credential it is: user:5 (Planfix); Bitrix24 tells it itself')
  .option('--administrator', 'with the rights of an administrator there')
  .action(async (name: string, options: ActorOptions) => {
    const secret = options.tokenStdin ? (await readAll(process.stdin)).trim() : null;
    await inSession((session, io) => actorAdd(session, io, name, options, secret));
  });
actor
  .command('remove <name> <person>')
  .description('forget such a credential')
  .action((name: string, person: string) =>
    inSession((session, io) => actorRemove(session, io, name, person)),
  );
account
  .command('list')
  .description('list the accounts')
  .action(() => inSession(accountList));
account
  .command('check <name>')
  .description("probe an account's credential, rights, limits and features; changes nothing there")
  .option(
    '--scratch',
    'also probe by a task of the acting user with itself, which is removed again and told of (Bitrix24)',
  )
  .action((name: string, options: CheckOptions) =>
    inSession((session, io) => accountCheck(session, io, name, options)),
  );
account
  .command('webhook <name>')
  .description('what to build in the CRM so that it tells the bridge of changes, ready to paste')
  .action((name: string) => inSession((session, io) => accountWebhook(session, io, name)));

program
  .command('apply <mapping.yaml>')
  .description('check a mapping and put it in force; writes nothing to any account by itself')
  .action(async (file: string) => {
    const source = await readFile(file, 'utf8').catch((error: unknown) => {
      throw failed(`${file} can not be read: ${error instanceof Error ? error.message : String(error)}`);
    });
    await inSession((session, io) => apply(session, io, file, source));
  });
program
  .command('link <account:task> <account:task>')
  .description('make two tasks that exist already one item; where they differ the first one wins')
  .requiredOption('--space <space>', 'the space that they belong to')
  .action((one: string, two: string, { space }: { space: string }) =>
    inSession((session, io) => linkTasks(session, io, space, one, two)),
  );
program
  .command('unlink <account:task>')
  .description('end the sharing of a task; every copy stays where it is')
  .action((text: string) => inSession((session, io) => unlinkTask(session, io, text)));
program
  .command('status')
  .description('what waits, what is stuck and why')
  .action(() => inSession(status));
program
  .command('item <account:task>')
  .description('both sides of a task, the last writes, and why it looks as it does')
  .action((text: string) => inSession((session, io) => item(session, io, text)));
program
  .command('retry <account:task>')
  .description('try again what is blocked in a task')
  .action((text: string) => inSession((session, io) => retryTask(session, io, text)));

program
  .command('allow <space>')
  .description('let through the closings and deletions that are held because many came at once')
  .action((space: string) => inSession((session, io) => allowSpace(session, io, space)));

program
  .command('docs')
  .description('documents made from a shared task')
  .command('make <template> <account:task>')
  .description('fill a .docx template, or a built-in one (akt), with what a role sees of a task')
  .option('--for <role>', "whose eyes it is for (default: the account's role)")
  .option('--attach', 'attach it to the task; the same document is never attached twice')
  .option('--set <name=value...>', 'a value of your own, for example --set сумма=150000')
  .option('--out <file>', 'write it to this file (default: its own name here, nowhere with --attach)')
  .action(async (template: string, text: string, options: DocsMakeOptions) => {
    const { docsMake } = await import('./commands/docs.ts');
    await inSession((session, io) => docsMake(session, io, template, text, options));
  });

program
  .command('emulators')
  .description('start emulated accounts on loopback, to rehearse a mapping')
  .option('--planfix <names...>', 'Planfix accounts')
  .option('--bitrix24 <names...>', 'Bitrix24 portals')
  .option('--seed <file>', 'a world.json or a dump')
  .option('--setting <key=value...>', 'settings, for one account as account:key=value')
  .action(async (options: { planfix?: string[]; bitrix24?: string[]; seed?: string; setting?: string[] }) => {
    const [{ runEmulators }, { startEmulators }] = await Promise.all([
      import('../emulators/common/command.ts'),
      import('../emulators/common/shell/emulators.ts'),
    ]);
    const io = ioOf();
    process.exitCode = await runEmulators(
      { ...options, json: io.json },
      {
        start: startEmulators,
        readFile: (path) => readFile(path, 'utf8'),
        print: (line) => void process.stdout.write(`${line}\n`),
        complain: (line) => void process.stderr.write(`${line}\n`),
        stopped: stopSignal(),
      },
    );
  });

program
  .command('demo')
  .description(
    'show the bridge at work on emulated accounts: a client, an integrator, a contractor; needs nothing',
  )
  .option('--once', 'end after the story; 0 only if the judge finds that the accounts agree')
  .option('--sabotage', 'falsify what the accounts hold; 0 only if the judge catches every falsification')
  .action(async ({ once = false, sabotage = false }: { once?: boolean; sabotage?: boolean }) => {
    const { runDemo } = await import('./demo.ts');
    process.exitCode = await runDemo(
      { once, sabotage },
      {
        say: (text) => void process.stdout.write(`${text}\n`),
        terminal: process.stdout.isTTY && !process.env['NO_COLOR'],
        logLevel: quietEnvironment().logLevel,
        stopped: stopSignal(),
      },
    );
  });

/** Wrong use by commander's own words, help and versions included. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.wrongUse;
  if (error instanceof CommandEnd || error instanceof SchemaTooNew) return error.exitCode;
  if (error instanceof EnvironmentError) return exitCodes.wrongUse;
  if (error instanceof AlreadyRunning) return exitCodes.refused;
  return exitCodes.failed;
}

outliveReader(process.stdout);
outliveReader(process.stderr);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  const expected =
    error instanceof CommandEnd ||
    error instanceof EnvironmentError ||
    error instanceof AlreadyRunning ||
    error instanceof SchemaTooNew ||
    error instanceof WrongSecretKey;
  if (expected) process.stderr.write(`${error.message}\n`);
  else if (!(error instanceof CommanderError))
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nThis is a fault of the bridge: please report it.\n`,
    );
}
