/** The authorization server (section 6): /oauth/authorize/ of the portal and /oauth/token/. */
import { type EmulatorRequest, type EmulatorResponse, type Instant, type Json } from '../common/types.ts';
import { html, json, redirect } from './answers.ts';
import { issueRefreshToken, issueToken, livingRefreshToken } from './events.ts';
import { parseForm } from './forms.ts';
import { amount, word } from './settings.ts';
import { type Application, randomHex, type State } from './state.ts';
import { asText } from './values.ts';

const codeLives = 30_000;

const failed = (state: State, error: string, description: string): EmulatorResponse =>
  json(
    amount(state, 'oauth.errorStatus') || 400,
    { error, error_description: description },
    {
      'Content-Type': 'application/json',
    },
  );

/** Sends the browser back to the application with a code; errors are a page of the portal, never a redirect. */
export const authorize = (state: State, query: string, now: Instant): EmulatorResponse => {
  const params = parseForm(query);
  const { application, portal } = state;
  if (application === null || asText(params['client_id']) !== application.clientId) {
    return html(400, '<html><body>Приложение не найдено</body></html>');
  }
  if (portal.browserUser === null) return html(200, '<html><body>Авторизация</body></html>');
  const code = randomHex(state, 32);
  application.codes.push({ code, user: portal.browserUser, issued: now, used: false });
  const server = new URL(portal.serverEndpoint).host;
  const back = new URLSearchParams({
    code,
    state: asText(params['state']),
    domain: portal.domain,
    member_id: portal.memberId,
    scope: application.scope.join(','),
    server_domain: server,
  });
  const joint = application.redirectUri.includes('?') ? '&' : '?';
  return redirect(`${application.redirectUri}${joint}${back.toString()}`);
};

const granted = (
  state: State,
  application: Application,
  user: number,
  now: Instant,
  refreshed: boolean,
): EmulatorResponse => {
  const { portal } = state;
  const body: { [key: string]: Json } = {
    access_token: issueToken(state, application, user, now),
    client_endpoint: `https://${portal.domain}/rest/`,
    domain: new URL(portal.serverEndpoint).host,
    expires_in: 3600,
    member_id: portal.memberId,
    refresh_token: refreshed
      ? issueRefreshToken(state, application, user)
      : livingRefreshToken(state, application, user),
    scope: application.scope.join(','),
    server_endpoint: portal.serverEndpoint,
    status: application.status,
  };
  if (refreshed) {
    body['expires'] = Math.floor(now / 1000) + 3600;
    body['user_id'] = user;
  }
  return json(200, body, { 'Content-Type': 'application/json' });
};

/** Exchanges a code or a refresh token; GET with a query and POST with a form are alike. */
export const token = (
  state: State,
  request: EmulatorRequest,
  query: string,
  now: Instant,
): EmulatorResponse => {
  const body = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength).toString(
    'utf8',
  );
  const params = { ...parseForm(query), ...parseForm(body) };
  const { application } = state;
  const grant = asText(params['grant_type']);
  if (grant !== 'authorization_code' && grant !== 'refresh_token') {
    return failed(state, 'invalid_request', 'Invalid grant type');
  }
  if (
    application === null ||
    !(application.installed || application.unfinished) ||
    asText(params['client_id']) !== application.clientId ||
    asText(params['client_secret']) !== application.clientSecret
  ) {
    return failed(state, 'invalid_client', 'Invalid client data');
  }
  if (application.paidUntil !== null && application.paidUntil < now && /^[TP]$/.test(application.status)) {
    return failed(state, 'PAYMENT_REQUIRED', 'Payment required');
  }
  if (grant === 'authorization_code') {
    const code = application.codes.find((one) => one.code === asText(params['code']));
    if (code === undefined || code.used || now - code.issued > codeLives) {
      return failed(state, 'invalid_grant', 'Invalid authorization data');
    }
    code.used = true;
    return granted(state, application, code.user, now, false);
  }
  const refresh = application.refreshTokens.get(asText(params['refresh_token']));
  if (refresh === undefined || refresh.dead) {
    return failed(state, 'invalid_grant', 'Invalid refresh token');
  }
  if (word(state, 'oauth.oldRefreshToken') === 'dies') refresh.dead = true;
  return granted(state, application, refresh.user, now, true);
};
