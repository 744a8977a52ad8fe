import { type StartedAccount, type StartedEmulators } from './shell/start.ts';
import { type EmulatorsOptions } from './shell/emulators.ts';
import { type Json, type SettingValue } from './types.ts';

/** What `svyazka emulators` takes from its command line. */
export interface EmulatorsCommand {
  readonly planfix?: readonly string[];
  readonly bitrix24?: readonly string[];
  /** Path of a world.json of the contracts, or of a dump. */
  readonly seed?: string;
  /** `KEY=VALUE` or `account:KEY=VALUE`. */
  readonly setting?: readonly string[];
  readonly json?: boolean;
}

/** The world around the command. */
export interface EmulatorsIo {
  readonly start: (options: EmulatorsOptions) => Promise<StartedEmulators>;
  readonly readFile: (path: string) => Promise<string>;
  /** One line without its end, to stdout. */
  readonly print: (line: string) => void;
  /** One line to stderr. */
  readonly complain: (line: string) => void;
  /** Settles when the command shall end: SIGINT or SIGTERM. */
  readonly stopped: Promise<unknown>;
}

/** Wrong use: the text says what to change. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads `KEY=VALUE` settings; a value that is JSON is taken as JSON, anything else as text. Throws UsageError. */
function readSettings(given: readonly string[]): Readonly<Record<string, SettingValue>> {
  return Object.fromEntries(
    given.map((text) => {
      const sign = text.indexOf('=');
      if (sign <= 0) throw new UsageError(`--setting wants KEY=VALUE, not "${text}"`);
      return [text.slice(0, sign), valueOf(text.slice(sign + 1))];
    }),
  );
}

function valueOf(text: string): SettingValue {
  if (!/^(true|false|-?\d|"|\[|\{)/.test(text)) return text;
  try {
    return JSON.parse(text) as SettingValue;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function kindOfSeed(seed: Json): 'planfix' | 'bitrix24' {
  if (typeof seed === 'object' && seed !== null && !Array.isArray(seed)) {
    const { kind, world = seed } = seed as Readonly<Record<string, Json>>;
    if (kind === 'planfix' || kind === 'bitrix24') return kind;
    if (typeof world === 'object' && world !== null) {
      if ('portal' in world) return 'bitrix24';
      if ('account' in world) return 'planfix';
    }
  }
  throw new UsageError('--seed: neither a Planfix world (with "account") nor a Bitrix24 one (with "portal")');
}

async function readSeedFile(path: string, io: EmulatorsIo): Promise<Json> {
  let text: string;
  try {
    text = await io.readFile(path);
  } catch (error) {
    throw new UsageError(`--seed: ${path} cannot be read`, { cause: error });
  }
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new UsageError(`--seed: ${path} is no JSON`, { cause: error });
  }
}

async function startOptions(command: EmulatorsCommand, io: EmulatorsIo): Promise<EmulatorsOptions> {
  const { planfix = [], bitrix24 = [] } = command;
  const settings = readSettings(command.setting ?? []);
  const seed = command.seed === undefined ? undefined : await readSeedFile(command.seed, io);
  const seededKind = seed === undefined ? undefined : kindOfSeed(seed);
  const none = planfix.length + bitrix24.length === 0;
  const names = {
    planfix: none && seededKind !== 'bitrix24' ? ['planfix'] : planfix,
    bitrix24: none && seededKind !== 'planfix' ? ['bitrix24'] : bitrix24,
  };
  if (seed === undefined || seededKind === undefined) return { ...names, settings };
  if (names[seededKind].length === 0)
    throw new UsageError(`--seed: a ${seededKind} world, but no ${seededKind} account is started`);
  return { ...names, settings, worlds: Object.fromEntries(names[seededKind].map((name) => [name, seed])) };
}

function jsonLine(account: StartedAccount): string {
  const { people: _people, ...shown } = account;
  return JSON.stringify(shown);
}

function textLines(account: StartedAccount): string[] {
  const secret = account.kind === 'planfix' ? 'token' : 'webhook';
  return [
    `${account.kind} ${account.account}`,
    `  http     ${account.http}`,
    `  https    ${account.https} (its certificate authority: ${account.control}/ca)`,
    `  control  ${account.control}`,
    ...account.people.map(
      (person) => `  ${secret.padEnd(8)} ${person.secret}  (${person.name}, ${person.actor})`,
    ),
  ];
}

/**
 * `svyazka emulators`: starts the accounts, prints where they are (with `json` one object a line) and stays up until
 * it is stopped. Without names it starts one account of each kind. Gives the exit code: 0 ended, 2 wrong use,
 * 1 could not start.
 */
export async function runEmulators(command: EmulatorsCommand, io: EmulatorsIo): Promise<0 | 1 | 2> {
  let started: StartedEmulators;
  try {
    started = await io.start(await startOptions(command, io));
  } catch (error) {
    const wrongUse = error instanceof UsageError || error instanceof TypeError;
    io.complain(error instanceof Error ? error.message : String(error));
    return wrongUse ? 2 : 1;
  }
  for (const account of started.accounts) {
    if (command.json === true) io.print(jsonLine(account));
    else for (const line of textLines(account)) io.print(line);
  }
  await io.stopped;
  await started.close();
  return 0;
}
