/** A place where the app can be installed, and the person who does it. */
export interface Choice {
  readonly id: string;
  readonly isEnterprise: boolean;
  readonly by: string;
  /** Its value in the form. */
  readonly value: string;
  /** As the page shows it. */
  readonly words: string;
}

export const STYLE =
  'body{margin:4rem auto;max-width:34rem;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;color:#1d1c1d;background:#fff}' +
  'h1{font-size:1.5rem}select,button{font:inherit;padding:.5rem .9rem;border:1px solid #868686;border-radius:6px;background:#fff;color:#1d1c1d}' +
  'select{width:100%;margin:.4rem 0 1rem}button[value=allow]{background:#007a5a;border-color:#007a5a;color:#fff}code{font-size:.9em}' +
  '@media (prefers-color-scheme:dark){body{color:#e8e8e8;background:#1a1d21}select,button{background:#222529;color:#e8e8e8}}';

/** The page that asks a person whether the app may be installed. */
export function consentPage(given: {
  readonly appName: string;
  readonly scopes: readonly string[];
  readonly choices: readonly Choice[];
  /** The ID of the workspace or organization that is selected at first. */
  readonly selected: string | undefined;
  /** What the app asked, repeated with the answer. */
  readonly fields: readonly (readonly [string, string])[];
}): string {
  const title = `${given.appName} is requesting permission to access a workspace`;
  const hidden = given.fields.map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const options = given.choices.map(
    ({ id, value, words }) =>
      `<option value="${escapeHtml(value)}"${id === given.selected ? ' selected' : ''}>${escapeHtml(words)}</option>`,
  );
  return document(
    title,
    `<form method="post" action="/oauth/v2/authorize">${hidden.join('')}
<label for="choice">Where do you want to install it?</label><select id="choice" name="choice">${options.join('')}</select>
<p>It will be able to use:</p><ul>${given.scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join('')}</ul>
<p><button name="answer" value="cancel">Cancel</button> <button name="answer" value="allow">Allow</button></p></form>`,
  );
}

/** The page for a request that Slack refuses. @param code Slack's word for it */
export function refusedPage(code: string): string {
  return document('Something went wrong', `<p>The app’s request is invalid: <code>${escapeHtml(code)}</code></p>`);
}

function document(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><meta name="viewport" content="width=device-width">
<style>${STYLE}</style></head><body><h1>${escapeHtml(title)}</h1>${body}</body></html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
