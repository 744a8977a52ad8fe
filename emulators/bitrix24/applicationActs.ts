/**
 * A local application as an administrator handles it in the interface: its form saved, opened in a frame, installed again
 * (settings/oauth/simple-way.md, settings/app-installation/installation-finish.md and local-apps/*.md).
 */
import { type Effect, type Instant, type Json, type ReceiverAnswer } from '../common/types.ts';
import { type Call } from './call.ts';
import { fireApplication, issueToken, livingRefreshToken, sendInstallation } from './events.ts';
import { writeForm } from './forms.ts';
import { type Application, nextId, randomHex, type State } from './state.ts';
import { asText, isYes, type Params, refuse } from './values.ts';
import { allScopes } from './world.ts';

const applicationOf = (call: Call): Application => {
  if (!call.admin) refuse(403, 'ACCESS_DENIED', 'Only an administrator may do this.');
  return call.state.application ?? refuse(404, 'NOT_FOUND', 'This portal knows no application.');
};

const address = (details: Params, name: string): string => {
  const text = asText(details[name]);
  return URL.canParse(text) ? text : refuse(400, 'WRONG_ADDRESS', `"${name}" is to be an address.`);
};

/**
 * One without an interface is installed at once: the portal itself calls the installation path. One with an interface
 * waits until its installation page, opened in a frame, calls BX24.installFinish.
 */
const begin = (call: Call, application: Application): void => {
  application.installed = application.apiOnly;
  application.unfinished = !application.apiOnly;
  call.state.handlers = [];
  if (application.apiOnly) sendInstallation(call, application);
};

export const saveApplication = (call: Call, details: Params): Json => {
  const application = applicationOf(call);
  application.handler = address(details, 'handler');
  application.installPath = address(details, 'install');
  application.apiOnly = isYes(details['api_only']);
  begin(call, application);
  return { client_id: application.clientId, client_secret: application.clientSecret };
};

export const reinstallApplication = (call: Call): Json => {
  const application = applicationOf(call);
  application.applicationToken = randomHex(call.state, 32);
  begin(call, application);
  return true;
};

/** The frame: its page is the handler's once the application is installed, the installation path's before. */
export const openApplication = (call: Call): Json => {
  const { state, now, user } = call;
  const application = state.application ?? refuse(404, 'NOT_FOUND', 'This portal knows no application.');
  if (!application.installed && !call.admin)
    refuse(403, 'NOT_INSTALLED', 'The application is not fully installed yet.');
  const page = application.installed ? application.handler : application.installPath;
  if (page === null) return refuse(404, 'NOT_FOUND', 'The application has no page.');
  const query = new URLSearchParams({
    DOMAIN: state.portal.domain,
    PROTOCOL: '1',
    LANG: 'ru',
    APP_SID: randomHex(state, 32),
  });
  const delivery = `frame-${nextId(state, 'delivery')}`;
  state.openings.set(delivery, user);
  const body = writeForm({
    AUTH_ID: issueToken(state, application, user, now),
    AUTH_EXPIRES: 3600,
    REFRESH_ID: livingRefreshToken(state, application, user),
    SERVER_ENDPOINT: state.portal.serverEndpoint,
    APPLICATION_TOKEN: application.applicationToken,
    APPLICATION_SCOPE: application.scope.join(','),
    member_id: state.portal.memberId,
    status: application.status,
    PLACEMENT: 'DEFAULT',
  });
  call.effects.push({
    kind: 'send',
    delivery,
    request: {
      method: 'POST',
      url: `${page}${page.includes('?') ? '&' : '?'}${query.toString()}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'User-Agent': 'Mozilla/5.0' },
      body: Buffer.from(body, 'utf8'),
      timeoutMs: 30_000,
    },
  });
  return { page };
};

/** The browser runs what the page says: a page that calls BX24.installFinish ends the installation. */
export const frameAnswered = (
  state: State,
  delivery: string,
  receiver: ReceiverAnswer,
  now: Instant,
): readonly Effect[] => {
  const user = state.openings.get(delivery);
  const { application } = state;
  state.openings.delete(delivery);
  if (user === undefined || application === null || application.installed) return [];
  if (receiver.kind !== 'answer' || receiver.status !== 200) return [];
  if (!receiver.body.includes('BX24.installFinish')) return [];
  application.installed = true;
  application.unfinished = false;
  const effects: Effect[] = [];
  const call: Call = {
    state,
    now,
    user,
    admin: true,
    scope: allScopes,
    credential: '',
    application: false,
    rest: false,
    connector: null,
    base: state.address.https,
    effects,
  };
  const data = { VERSION: application.version, ACTIVE: 'Y', INSTALLED: 'Y', LANGUAGE_ID: 'ru' };
  fireApplication(call, 'ONAPPINSTALL', data, 'refresh');
  return effects;
};
