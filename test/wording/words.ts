/** Words that people must not see in a text. Comments may use them in other meanings. */
export const NOT_IN_TEXTS: readonly (readonly [words: RegExp, instead: string])[] = [
  [/\bby (?:itself|themselves)\b/i, 'automatically'],
  [/\bwhat is due\b/i, 'the amount due'],
  [/\bas it stands\b/i, 'currently, or nothing'],
  [/\bany more\b/i, 'no longer'],
  [/\bgo(?:es)? along\b/i, 'is included, moves too'],
  [/\bgo(?:es)? by\b/i, 'uses, follows'],
  [/\bof its own\b/i, 'separate'],
  [/\b(?:is|are|be|been) told\b/i, 'is notified, gets a message'],
  [/\btakes? no\b/i, 'doesn’t accept'],
  [/\bgiv(?:es?|en) back\b/i, 'refund, return, credit'],
  [/\bthereby\b|\bhereby\b|\bthereof\b/i, 'a short sentence without it'],
  [/\bwhat waits\b|\bwhat is open\b/i, 'pending requests, the amount left to pay'],
  [/\bhad (?:that|this) \w+ already\b/i, 'already had'],
  [/\bthe data are\b|\bsample data are\b/i, 'the data is'],
  [/\borganis|\bcolour|\bfavour|\bbehaviour|\bcancelled\b|\brecognis/i, 'the US spelling'],
];

/** Phrases that read as translated in a comment, and rarely occur in good ones. */
export const NOT_IN_COMMENTS: readonly (readonly [words: RegExp, instead: string])[] = [
  [/\bof (?:its|one['’]s) own\b/i, 'separate'],
  [/\b(?:is|are|was|were|be|been) told\b(?! apart)/i, 'is notified'],
  [/\bgo(?:es)? by\b/i, 'uses, follows'],
  [/\bgo(?:es)? along\b/i, 'is included'],
  [/\bas (?:it|they) stands?\b/i, 'current, currently'],
  [/\bany more\b/i, 'no longer'],
  [/\bso many\b/i, 'this many'],
  [/\bof old\b/i, 'of earlier versions'],
  [/\bmightiest\b/i, 'highest'],
  [/\bg(?:iv(?:es?|en|ing)|ave) back\b/i, 'refund, return, credit'],
  [/\bby (?:itself|themselves)\b/i, 'automatically, directly'],
  [/\bwhat (?:waits|is open)\b/i, 'pending, the amount left to pay'],
  [/\bwhat [^.;]{0,40}\b(?:comes?|came) to\b/i, 'the total, the result'],
  [/\bwhere (?:there is none|none is|nothing is)\b/i, 'if there is none'],
  [/\bthe (?:first|last) first\b/i, 'oldest first, latest first'],
  [/\bhears? of\b/i, 'is notified of'],
  [/\bsees to\b/i, 'takes care of'],
  [/\bin whichever\b/i, 'in any'],
  [/\bfares?\b/i, 'the status of'],
  [/\brests? on\b/i, 'is based on, depends on'],
  [/\bas (?:it was|they were) typed\b/i, 'as typed'],
  [/\banyone who asks\b|\bthe one who asks\b/i, 'the caller'],
  [/\bper cent\b/i, 'percent'],
];

/** A semicolon between words: not in messages, which Slack shows. */
export const SEMICOLON = /[\p{L}\d}]; (?!charset=)[\p{L}{]/u;

/** What nobody who speaks English would say here, with what to write instead: docs/wording.md. */
export const NOT_OURS: readonly (readonly [words: RegExp, instead: string])[] = [
  [/\bfrom when on\b/i, 'effective from'],
  [/\bwhat (?:it|they|this|that) comes? to\b/i, 'the total, the cost impact'],
  [/\bgood for nothing\b/i, 'has been revoked'],
  [/\bnobody is told\b|\bis told nothing\b|\bwhere news is told\b/i, 'no notifications, your notification channel'],
  [/\bto what shall\b|\bshall\b/i, 'What is the new value?'],
  [
    /(?<!\bthere )\bis no (?:day|month|person|amount|number|name|currency|group|project|date|IBAN|code)\b/i,
    'isn’t a valid …',
  ],
  [/\breckon(?:ed|s|ing)?\b/i, 'calculate'],
  [/(?:^|[.,:;] )one (?:needs|can|has to)\b/i, 'you need, you can'],
  [/\bis worth so many of\b|(?:^|\s)namely\b/i, 'Rate'],
  [/\btake this as done\b/i, 'disregard this reminder'],
  [/\bend did not go well\b/i, 'shutdown failed'],
  [/\bhow what happens\b/i, 'background job status'],
  [/\bnobody can alter\b/i, 'tamper-evident'],
  [/\bwho has it may read\b/i, 'token required to read'],
  [/\bmove that waits\b|\bmoves? waiting\b|\bwaiting moves?\b/i, 'a pending move'],
  [/\bwhat one can do\b|\bpeople do that where they talk\b/i, 'features, inside Slack'],
  [/\bwhoever\b|\bwhosoever\b/i, 'anyone who, the person who'],
  [/\banew\b/i, 'again'],
  [/\be-mails?\b/i, 'email'],
];
