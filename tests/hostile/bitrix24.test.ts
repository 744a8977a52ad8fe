import { bitrixAccount } from './account.ts';
import { bitrixHostile } from './bitrix24.ts';
import { hostileSuite } from './suite.ts';

hostileSuite(
  'Bitrix24',
  [
    { account: bitrixAccount('new card', 'new'), hostile: bitrixHostile },
    // What the old card does otherwise.
    { account: bitrixAccount('old card', 'old'), hostile: bitrixHostile, methods: /comment|everything/ },
  ],
  { generators: 550, methods: 35, places: 45, trials: 4_000 },
);
