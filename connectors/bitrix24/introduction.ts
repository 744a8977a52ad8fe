/**
 * How a portal introduces an application to the bridge: the frame that opens its installation page, or one of the events
 * of its life (b24restdocs: settings/oauth/simple-way.md, api-reference/common/events). Form-encoded; nothing here throws.
 */

export interface Introduction {
  readonly memberId: string;
  readonly access: string | null;
  readonly refresh: string | null;
  readonly applicationToken: string | null;
  /** `https://oauth.bitrix24.tech/rest/`, as it came. */
  readonly server: string | null;
  /** Host that the portal says it has. */
  readonly domain: string | null;
}

export type ApplicationEvent = 'ONAPPINSTALL' | 'ONAPPUPDATE' | 'ONAPPUNINSTALL' | 'ONOFFLINEEVENT';
const events: readonly string[] = ['ONAPPINSTALL', 'ONAPPUPDATE', 'ONAPPUNINSTALL', 'ONOFFLINEEVENT'];

const bodyMax = 64 * 1024;
const fieldMax = 1_000;

const reader = (text: string): ((name: string) => string | null) => {
  const fields = new URLSearchParams(text.slice(0, bodyMax));
  return (name) => {
    const value = fields.get(name);
    return value === null || value === '' || value.length > fieldMax ? null : value;
  };
};

/** The event of an application's own life that a body tells; null for any other. */
export function applicationEvent(body: string): ApplicationEvent | null {
  const event = (reader(body)('event') ?? '').toUpperCase();
  return events.includes(event) ? (event as ApplicationEvent) : null;
}

/** null = the body names no portal. */
export function introductionOf(query: string, body: string): Introduction | null {
  const [asked, told] = [reader(query), reader(body)];
  const event = told('event') !== null;
  const memberId = told(event ? 'auth[member_id]' : 'member_id');
  if (memberId === null) return null;
  return event
    ? {
        memberId,
        access: told('auth[access_token]'),
        refresh: told('auth[refresh_token]'),
        applicationToken: told('auth[application_token]'),
        server: told('auth[server_endpoint]'),
        domain: told('auth[domain]'),
      }
    : {
        memberId,
        access: told('AUTH_ID'),
        refresh: told('REFRESH_ID'),
        applicationToken: told('APPLICATION_TOKEN'),
        server: told('SERVER_ENDPOINT'),
        domain: asked('DOMAIN') ?? told('DOMAIN'),
      };
}
