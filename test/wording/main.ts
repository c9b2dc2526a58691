import { writeFileSync } from 'node:fs';
import { allTexts, listOf } from './texts.ts';

// npm run texts: writes the list of all texts anew, to be read as a whole and compared in a review
writeFileSync('test/wording/texts.txt', listOf(allTexts()));
