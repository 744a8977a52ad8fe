/** `batch` of version 2 (section 4): commands in order, `$result[…]`, halt, limits. */
import { type Json } from '../common/types.ts';
import { timeBlock } from './answers.ts';
import { type Answer, type Call, type Method } from './call.ts';
import { type Command, commandsOf } from './calls.ts';
import { parseForm } from './forms.ts';
import { costOf } from './limits.ts';
import { methodNamed } from './methods.ts';
import { word } from './settings.ts';
import { isYes, type Params, pick, Refusal, refuse } from './values.ts';

const longest = 50;
const reference = /\$result((?:\[[^\]]*\])+)/g;
const unresolved = Symbol('unresolved');

const resolve = (path: string, results: ReadonlyMap<string, Json>): Json | typeof unresolved => {
  const steps = [...path.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '');
  const [key = '', ...rest] = steps;
  let value: Json | undefined = results.get(key);
  for (const step of rest) {
    if (typeof value !== 'object' || value === null) return unresolved;
    value = (value as { readonly [key: string]: Json })[step];
  }
  return value === undefined ? unresolved : value;
};

const substituted = (value: Json, results: ReadonlyMap<string, Json>, missing: string): Json => {
  if (typeof value === 'string') {
    if (!value.includes('$result')) return value;
    const whole = /^\$result((?:\[[^\]]*\])+)$/.exec(value);
    if (whole !== null) {
      const found = resolve(whole[1] ?? '', results);
      return found === unresolved ? withoutValue(value, missing) : found;
    }
    return value.replace(reference, (text, path: string) => {
      const found = resolve(path, results);
      if (found === unresolved) return withoutValue(text, missing);
      return typeof found === 'object' ? '' : String(found);
    });
  }
  if (Array.isArray(value)) return value.map((item: Json) => substituted(item, results, missing));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, substituted(item as Json, results, missing)]),
    );
  }
  return value;
};

const withoutValue = (text: string, missing: string): string => {
  if (missing === 'literal') return text;
  if (missing === 'refused') refuse(400, 'ERROR_CORE', `Could not resolve ${text}`);
  return '';
};

/** Runs one command; what it does is given by the caller so that scopes and limits stay in one place. */
export type RunInner = (method: Method | undefined, params: Params) => Answer;

const allowed = (method: Method | undefined, name: string): void => {
  if (name.toLowerCase() === 'batch' || method?.file === true) {
    refuse(405, 'ERROR_BATCH_METHOD_NOT_ALLOWED', 'Method is not allowed for batch usage');
  }
};

/**
 * Runs a batch.
 * @throws Refusal with ERROR_BATCH_LENGTH_EXCEEDED when the setting makes too many commands an error of the whole
 */
export const runBatch = (call: Call, params: Params, run: RunInner): Answer => {
  const commands = commandsOf(pick(params, 'cmd'));
  const halt = isYes(pick(params, 'halt'));
  if (commands.length > longest && word(call.state, 'batch.overLength') === 'http-400') {
    refuse(400, 'ERROR_BATCH_LENGTH_EXCEEDED', 'Max batch length exceeded');
  }
  const missing = word(call.state, 'batch.unresolved');
  const results = new Map<string, Json>();
  const errors: { [key: string]: Json } = {};
  const totals: { [key: string]: Json } = {};
  const nexts: { [key: string]: Json } = {};
  const times: { [key: string]: Json } = {};
  const attempt = (command: Command, index: number): Answer => {
    if (index >= longest) refuse(400, 'ERROR_BATCH_LENGTH_EXCEEDED', 'Max batch length exceeded');
    const method = methodNamed(command.name, 2);
    allowed(method, command.name);
    const given = command.query === '' ? {} : parseForm(command.query);
    const ready = command.query.includes('$result') || command.query.includes('%24result');
    return run(method, ready ? (substituted(given, results, missing) as Params) : given);
  };
  for (const [index, command] of commands.entries()) {
    try {
      const answer = attempt(command, index);
      results.set(command.key, answer.result);
      if (answer.total !== undefined) totals[command.key] = answer.total;
      if (answer.next !== undefined) nexts[command.key] = answer.next;
      const method = methodNamed(command.name, 2);
      times[command.key] = timeBlock(
        call.state,
        call.now,
        method === undefined ? 0 : costOf(method),
        call.credential,
        command.name,
      );
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      errors[command.key] = {
        error: problem.code,
        error_description: problem.code === 'insufficient_scope' ? '' : problem.message,
      };
      if (halt) break;
    }
  }
  // PHP writes a map whose keys are 0, 1, 2… as a list, however the commands came: fast_bitrix24 keeps a recorded
  // answer whose result_error is a list beside a map of results.
  const shape = (map: { [key: string]: Json }): Json =>
    Object.keys(map).every((key, index) => key === String(index)) ? Object.values(map) : map;
  return {
    result: {
      result: shape(Object.fromEntries(results)),
      result_error: shape(errors),
      result_total: shape(totals),
      result_next: shape(nexts),
      result_time: shape(times),
    },
  };
};
