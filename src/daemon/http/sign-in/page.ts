/** What the page of the sign-in offers and tells. */
export interface SignInPage {
  readonly byEntra: boolean
  readonly byToken: boolean
  readonly to: string
  /** What went wrong, and what to do. */
  readonly message?: string
}

/** The page; it works without its script, which only takes the place along. All text in it is escaped. */
export function signInHtml({ byEntra, byToken, to, message }: SignInPage): string {
  const entra = `<p><a class="button" href="/sign-in/entra?to=${encodeURIComponent(to)}">Sign in with Microsoft</a></p>`
  const token = `<form method="post" action="/sign-in">
<input type="hidden" name="to" value="${escaped(to)}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required>
<button>Sign in with the token</button>
</form>`
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to mailkeel</title>
<link rel="stylesheet" href="/sign-in.css">
<script src="/sign-in.js" defer></script>
<main>
<h1>mailkeel</h1>
${message === undefined ? '' : `<p role="alert">${escaped(message)}</p>`}
${byEntra ? entra : ''}
${byToken ? token : ''}
</main>
</html>
`
}

/** Its style; a policy of the server lets no style stand in the page. */
export const SIGN_IN_CSS = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 90vh; margin: 0; }
main { width: min(22rem, 90vw); }
label, input, button, .button { display: block; width: 100%; box-sizing: border-box; }
input, button, .button { font: inherit; padding: .6rem .8rem; margin: .3rem 0 .8rem; border: 1px solid; border-radius: .4rem; text-align: center; }
input { text-align: start; }
button, .button { cursor: pointer; text-decoration: none; color: inherit; background: transparent; }
[role=alert] { border-inline-start: .3rem solid; padding-inline-start: .8rem; }
`

/** Where somebody wanted to go in the page stands behind the `#`, which browsers send to nobody: it is put behind what is asked for. */
export const SIGN_IN_SCRIPT = `const place = location.hash
if (place !== '') {
  for (const link of document.querySelectorAll('a.button')) link.href += encodeURIComponent(place)
  for (const field of document.querySelectorAll('input[name=to]')) field.value += place
}
`

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
