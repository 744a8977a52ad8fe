import { bitrixHarness } from './bitrix24Harness.ts';
import { connectorSuite } from './connectorSuite.ts';

connectorSuite('The Bitrix24 connector on the new card', () => bitrixHarness({ card: 'new' }));
connectorSuite('The Bitrix24 connector on the old card', () => bitrixHarness({ card: 'old' }));
// What the documents leave open, each turned to its other side.
connectorSuite('The Bitrix24 connector where the documents are silent', () =>
  bitrixHarness({
    settings: {
      'batch.unresolved': 'literal',
      'chat.deletedMessages': 'gone',
      'chat.fileLink': 'text',
      'chat.readableBy': 'members-and-admins',
      'chat.touchesChangedDate': true,
      'limits.operatingChargedTo': 'batch',
      'list.startMinusOneTotal': 0,
      'portal.zone': '+00:00',
      'status.creatorCompletesStraight': false,
      'status.updateObeysGraph': true,
      'tags.form': 'list',
      'time.operating': false,
    },
  }),
);
connectorSuite('The Bitrix24 connector where files hang loose and references are refused', () =>
  bitrixHarness({ settings: { 'batch.unresolved': 'refused', 'chat.fileLink': 'none' } }),
);
for (const card of ['new', 'old'] as const)
  connectorSuite(`The Bitrix24 connector as an application on the ${card} card`, () =>
    bitrixHarness({ card, application: true }),
  );
for (const application of [false, true])
  connectorSuite(
    `The Bitrix24 connector ${application ? 'as an application ' : ''}where creations have keys and repeats are known`,
    () =>
      bitrixHarness({
        application,
        settings: { 'im.templateId': 'dedupes' },
        known: { creations: 'v3', 'template-id': 'unique', 'compare-and-set': 'guarded' },
      }),
  );
