/** What the two addresses of a local application answer: pages inside the portal's frame. */
import { type Taken } from './install.ts';

export interface Page {
  readonly status: number;
  readonly html: string;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const page = (status: number, lines: readonly string[], script = ''): Page => ({
  status,
  html: [
    '<!doctype html>',
    '<html lang="ru"><head><meta charset="utf-8"><title>Svyazka</title></head>',
    `<body style="font-family: sans-serif; padding: 2em">${lines.map((line) => `<p>${escaped(line)}</p>`).join('')}`,
    script,
    '</body></html>',
  ].join('\n'),
});

/**
 * Tells the portal that the installation is finished, which is what events wait for (b24restdocs:
 * settings/app-installation/installation-finish.md, sdk/bx24-js-sdk/system-functions/bx24-install-finish.md).
 */
const finish = [
  '<script src="https://api.bitrix24.com/api/v1/"></script>',
  '<script>BX24.init(function () { BX24.installFinish(); });</script>',
].join('\n');

export function installPage(taken: Taken): Page {
  if (taken.is === 'taken')
    return page(
      200,
      ['Связка подключена.', 'Svyazka is connected: tasks of this portal can be shared.'],
      finish,
    );
  return page(taken.is === 'refused' ? 403 : 503, [
    'Связка не подключена.',
    `Svyazka is not connected: ${taken.why}.`,
  ]);
}

export const openedPage = (state: 'fine' | 'healed' | 'waits' | 'unknown'): Page => {
  switch (state) {
    case 'fine':
    case 'healed':
      return page(200, ['Связка работает.', 'Svyazka is at work. There is nothing to do here.']);
    case 'waits':
      return page(200, [
        'Связка ждёт переустановки: откройте карточку приложения и нажмите «Переустановить».',
        'Svyazka waits: press Reinstall in the card of the application.',
      ]);
    case 'unknown':
      return page(404, ['Такой учётной записи у связки нет.', 'Svyazka has no such account.']);
  }
};
