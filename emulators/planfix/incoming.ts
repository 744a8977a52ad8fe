/** Incoming webhooks: Planfix as a receiver, acting as a chosen user (section 13). */
import { type EmulatorRequest, type EmulatorResponse, type Json } from '../common/types.ts';
import { perform } from './acts.ts';
import { empty, isObject, json, readBody, Refusal, type JsonObject } from './answers.ts';
import { type IncomingWebhook, type Step } from './state.ts';

/** `/webhook/get/…` or `/webhook/post/…`. */
export function isIncoming(path: string): boolean {
  return path.startsWith('/webhook/get/') || path.startsWith('/webhook/post/');
}

/** Runs the webhook's operation with the sent parameters. */
export function incomingAnswer(
  step: Step,
  request: EmulatorRequest,
  path: string,
  query: URLSearchParams,
): EmulatorResponse {
  const hook = step.state.incomingWebhooks.find((candidate) => candidate.address === path);
  const method = path.startsWith('/webhook/get/') ? 'GET' : 'POST';
  if (hook === undefined || request.method !== method) return empty(404);
  const values = parameters(hook, request, query);
  const operation = filled(hook.operation, values);
  const done = perform(step, { ...operation, as: hook.user, do: String(operation['do'] ?? '') });
  if (!done.ok) return json(400, { error: done.refused });
  if (hook.answer === 'json') return json(200, done.result);
  return URL.canParse(hook.answer) ? empty(302, { location: hook.answer }) : empty(200);
}

function parameters(hook: IncomingWebhook, request: EmulatorRequest, query: URLSearchParams): JsonObject {
  const sent: Record<string, Json> = Object.fromEntries(query);
  const type = request.headers['content-type'] ?? '';
  if (type.includes('urlencoded')) {
    for (const [name, value] of new URLSearchParams(new TextDecoder().decode(request.body)))
      sent[name] = value;
  } else if (request.method === 'POST') {
    Object.assign(sent, bodyOf(request));
  }
  return Object.fromEntries(Object.entries(sent).filter(([name]) => hook.parameters.includes(name)));
}

function bodyOf(request: EmulatorRequest): JsonObject {
  try {
    return readBody(request.body, 400);
  } catch (refusal) {
    // Unreadable parameters are no parameters: the webhook runs without them.
    if (refusal instanceof Refusal) return {};
    throw refusal;
  }
}

function filled(operation: JsonObject, values: JsonObject): Record<string, Json> {
  const fill = (value: Json): Json => {
    if (typeof value === 'string') {
      return value.replace(/\{\{([^{}]+)\}\}/g, (_, name: string) => String(values[name.trim()] ?? ''));
    }
    if (Array.isArray(value)) return (value as readonly Json[]).map(fill);
    if (isObject(value))
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
    return value;
  };
  return Object.fromEntries(Object.entries(operation).map(([key, value]) => [key, fill(value)]));
}
