import {
  type Effect,
  type EmulatorKind,
  type EmulatorRequest,
  type EmulatorResponse,
  type Instant,
  type Json,
  type OutgoingRequest,
  type SettingValue,
} from '../emulators/common/types.ts';

interface Due {
  readonly at: Instant;
  readonly effect: Effect;
}

export interface ToyState {
  notes: string[];
  answers: string[];
  hook: string | undefined;
  settings: { answerMs: number; greeting: string };
  due: Due[];
  sent: number;
  dropped: number;
  outside: OutgoingRequest[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function text(status: number, body: string): EmulatorResponse {
  return { status, headers: { 'content-type': 'text/plain' }, body: encoder.encode(body) };
}

function hookEffect(state: ToyState, note: string): Effect | undefined {
  if (state.hook === undefined) return undefined;
  if (state.dropped > 0) {
    state.dropped -= 1;
    return undefined;
  }
  state.sent += 1;
  const request: OutgoingRequest = {
    method: 'POST',
    url: state.hook,
    headers: { 'content-type': 'text/plain' },
    body: encoder.encode(note),
    timeoutMs: 2_000,
  };
  return { kind: 'send', delivery: String(state.sent), request };
}

/**
 * A machine small enough to read at once. `POST /note` keeps its body, tells `hook` of it two seconds later and
 * notifies user 1; `GET /notes` lists; `GET /slow` is answered after `answerMs`.
 */
export const toy: EmulatorKind<ToyState> = {
  kind: 'planfix',
  settings: [
    { name: 'answerMs', default: 50, values: [0, 50], about: 'how long GET /slow takes' },
    { name: 'greeting', default: 'hello', values: ['hello', 'salve'], about: 'a text' },
  ],
  coverage: [],
  routes: () => [],
  create({ world, settings = {} }) {
    const { notes = [], hook } = (world ?? {}) as { notes?: string[]; hook?: string };
    if (!Array.isArray(notes)) throw new TypeError('toy world: "notes" wants a list');
    const state: ToyState = {
      notes: [...notes],
      answers: [],
      hook,
      settings: { answerMs: 50, greeting: 'hello' },
      due: [],
      sent: 0,
      dropped: 0,
      outside: [],
    };
    toy.setSettings(state, settings);
    return state;
  },
  worldNow: (world) => {
    const { now } = world as { now?: string };
    return now === undefined ? undefined : Date.parse(now);
  },
  handle(state, request, now) {
    if (request.method === 'POST' && request.target === '/rest/note') {
      const note = decoder.decode(request.body);
      state.notes.push(note);
      const effect = hookEffect(state, note);
      if (effect !== undefined) state.due.push({ at: now + 2_000, effect });
      return {
        response: text(201, String(state.notes.length)),
        effects: [{ kind: 'notice', notice: { at: now, to: 'user:1', about: 'note', text: note } }],
      };
    }
    if (request.target === '/rest/slow') {
      const held = `slow:${String(now)}:${String(state.due.length)}`;
      state.due.push({
        at: now + state.settings.answerMs,
        effect: { kind: 'respond', held, response: text(200, 'at last') },
      });
      return { response: { held }, effects: [] };
    }
    if (request.target === '/rest/broken') throw new Error('a mistake of the machine');
    return { response: text(200, state.notes.join(',')), effects: [] };
  },
  tick(state, now) {
    const due = state.due.filter(({ at }) => at <= now);
    state.due = state.due.filter(({ at }) => at > now);
    const [next] = state.due.map(({ at }) => at).sort((a, b) => a - b);
    return { effects: due.map(({ effect }) => effect), ...(next === undefined ? {} : { nextAt: next }) };
  },
  answered(state, delivery, answer, now) {
    state.answers.push(
      `${delivery}:${answer.kind === 'answer' ? String(answer.status) : answer.why}@${new Date(now).toISOString()}`,
    );
    return toy.tick(state, now);
  },
  act(state, { as, do: words }, now) {
    if (words === 'explode') throw new TypeError('toy: explode is no word of this emulator');
    if (as === 13) return { ok: false, refused: 'user 13 may do nothing' };
    const effect = hookEffect(state, words);
    state.notes.push(words);
    if (effect !== undefined) state.due.push({ at: now, effect });
    return { ok: true, result: { note: state.notes.length }, effects: [] };
  },
  dump: (state) => ({ notes: state.notes, ...(state.hook === undefined ? {} : { hook: state.hook }) }),
  describe: (_state, { method, target }: EmulatorRequest) => ({
    operations: [target.slice('/rest/'.length)],
    write: method === 'POST',
    rest: target.startsWith('/rest/'),
    actor: 'user:1',
  }),
  getSettings: (state) => ({ ...state.settings }),
  setSettings(state, settings) {
    for (const [name, value] of Object.entries<SettingValue>(settings)) {
      if (name === 'answerMs' && typeof value === 'number') state.settings.answerMs = value;
      else if (name === 'greeting' && typeof value === 'string') state.settings.greeting = value;
      else throw new TypeError(`toy: no setting "${name}" of this type`);
    }
  },
  credentials: () => [{ actor: 'user:1', name: 'One', secret: 'token-one' }],
  sendFault(state, { times, drop }) {
    if (times === 0) state.dropped = 0;
    else if (drop === true) state.dropped += times;
  },
};

export function toyRequest(method: string, target: string, body?: Json | Uint8Array): EmulatorRequest {
  const encoded =
    body === undefined
      ? new Uint8Array()
      : body instanceof Uint8Array
        ? body
        : encoder.encode(typeof body === 'string' ? body : JSON.stringify(body));
  return { scheme: 'http', method, target, headers: {}, body: encoded };
}
