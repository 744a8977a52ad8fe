/** What the bridge is told by environment variables; `.env.example` explains each. */
import { resolve } from 'node:path';
import { z } from 'zod';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const isAddress = (text: string, ...protocols: string[]): boolean =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);

/** The answers are what a person should read beside the variable's name. They never repeat the value. */
const Variables = z.object({
  DATABASE_URL: z
    .string()
    .refine((text) => isAddress(text, 'postgres:', 'postgresql:'), {
      error: 'is not an address like postgresql://user:password@host:5432/database',
    })
    .optional(),
  SVYAZKA_DATA_DIR: z.string().default('./data'),
  SVYAZKA_SECRET_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, {
      error: 'is not 64 hexadecimal digits; make one with: openssl rand -hex 32',
    })
    .optional(),
  SVYAZKA_PUBLIC_URL: z
    .string()
    .refine((text) => isAddress(text, 'http:', 'https:'), {
      error: 'is not an address like https://bridge.example.com',
    })
    .transform((text) => text.replace(/\/+$/, ''))
    .optional(),
  SVYAZKA_PORT: z
    .string()
    .regex(/^\d{1,5}$/, { error: 'is not a port number' })
    .transform(Number)
    .refine((port) => port <= 65_535, { error: 'is larger than 65535' })
    .default(8080),
  SVYAZKA_LOG_LEVEL: z.enum(logLevels, { error: `is none of ${logLevels.join(', ')}` }).default('info'),
});

export const variableNames = Object.keys(Variables.shape);

export interface Environment {
  /** A PostgreSQL of the user's; absent: the bridge starts its own in `dataDir`. */
  readonly databaseUrl?: string;
  /** Absolute. */
  readonly dataDir: string;
  /** 64 hexadecimal digits; absent: kept in the data folder (`app/secrets.ts`). */
  readonly secretKey?: string;
  /** Where the CRMs reach this bridge, without a slash at the end. */
  readonly publicUrl?: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logLevel: (typeof logLevels)[number];
}

/** One or more variables cannot be used; the message has a line for each. */
export class EnvironmentError extends Error {
  constructor(lines: readonly string[]) {
    super(['The environment cannot be used:', ...lines.map((line) => `  ${line}`)].join('\n'));
    this.name = 'EnvironmentError';
  }
}

/**
 * Reads the environment; an empty variable counts as not set. Throws EnvironmentError that names every wrong variable
 * and every unknown one that begins with SVYAZKA_, which is most often a slip of the pen.
 */
export const readEnvironment = (
  variables: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Environment => {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value));
  const parsed = Variables.safeParse(set);
  const wrong = (parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')} ${issue.message}`);
  const unknown = Object.keys(set)
    .filter((name) => name.startsWith('SVYAZKA_') && !variableNames.includes(name) && !reserved.test(name))
    .map((name) => `${name} is no variable of the bridge; it knows ${variableNames.join(', ')}`);
  if (!parsed.success || unknown.length > 0) throw new EnvironmentError([...wrong, ...unknown]);
  const { data } = parsed;
  return {
    ...(data.DATABASE_URL === undefined ? {} : { databaseUrl: data.DATABASE_URL }),
    dataDir: resolve(cwd, data.SVYAZKA_DATA_DIR),
    ...(data.SVYAZKA_SECRET_KEY === undefined ? {} : { secretKey: data.SVYAZKA_SECRET_KEY.toLowerCase() }),
    ...(data.SVYAZKA_PUBLIC_URL === undefined ? {} : { publicUrl: data.SVYAZKA_PUBLIC_URL }),
    port: data.SVYAZKA_PORT,
    logLevel: data.SVYAZKA_LOG_LEVEL,
  };
};

/** Names that our own tests and benches use. */
const reserved = /^SVYAZKA_(TEST|BENCH)_/;
