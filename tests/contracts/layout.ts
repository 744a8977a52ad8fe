import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Json } from '../../emulators/common/types.ts';

export type JsonObject = Readonly<Record<string, Json>>;

export interface CaseRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, Json>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** The wire text of a form body, for readers. */
  readonly raw?: string;
}

export interface ContractCase {
  readonly id: string;
  readonly strength: string;
  readonly given: string;
  readonly setup?: readonly JsonObject[];
  readonly request: CaseRequest;
  readonly response: {
    readonly status: number | readonly number[];
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Json;
  };
  readonly schema: string | null;
  readonly requestSchema?: string;
  readonly direction?: 'to-crm' | 'from-crm';
  readonly must: readonly string[];
}

export type Kind = 'planfix' | 'bitrix24';

export interface Area {
  readonly kind: Kind;
  readonly file: string;
  readonly schemas: JsonObject;
  readonly cases: readonly ContractCase[];
}

export interface Contracts {
  readonly worlds: Readonly<Record<Kind, Json>>;
  readonly areas: readonly Area[];
}

export const kinds: readonly Kind[] = ['planfix', 'bitrix24'];

/** The folder of the cases that the repository carries; works from the source and from the built tree. */
export const ownCases = join(dirname(fileURLToPath(import.meta.url)), 'cases');

async function readJson(path: string): Promise<JsonObject> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text) as JsonObject;
  } catch (error) {
    throw new Error(`${path} is no JSON`, { cause: error });
  }
}

async function readWorld(dir: string, kind: Kind): Promise<Json> {
  const path = [dir, ownCases]
    .map((root) => join(root, kind, 'world.json'))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`no world.json for ${kind} in ${dir}`);
  const { world } = await readJson(path);
  if (world === undefined) throw new Error(`${path} has no "world"`);
  return world;
}

/** Reads a folder laid out like the contracts: `planfix/*.json`, `bitrix24/*.json`; a missing world.json is ours. */
export async function readContracts(dir: string = ownCases): Promise<Contracts> {
  const areas: Area[] = [];
  for (const kind of kinds) {
    const folder = join(dir, kind);
    if (!existsSync(folder)) continue;
    for (const name of (await readdir(folder)).sort()) {
      if (!name.endsWith('.json') || name === 'world.json') continue;
      const { schemas, cases } = await readJson(join(folder, name));
      areas.push({
        kind,
        file: `${kind}/${name}`,
        schemas: (schemas ?? {}) as JsonObject,
        cases: (cases ?? []) as unknown as readonly ContractCase[],
      });
    }
  }
  if (areas.length === 0) throw new Error(`no cases in ${dir}: it has neither planfix/ nor bitrix24/`);
  return {
    worlds: { planfix: await readWorld(dir, 'planfix'), bitrix24: await readWorld(dir, 'bitrix24') },
    areas,
  };
}

/** The ids of the cases that the emulators do not hold yet. */
export async function readNotYet(): Promise<readonly string[]> {
  return JSON.parse(await readFile(join(dirname(ownCases), 'notYet.json'), 'utf8')) as string[];
}
