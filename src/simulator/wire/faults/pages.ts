import { type Answer, htmlAnswer } from '../http.ts'
import type { HtmlPage } from './kinds.ts'

/** A page of IIS, of its proxy module or of AD FS, with the status it usually comes with. */
export function htmlPage(page: HtmlPage, status?: number): Answer {
  const { status: usual, title, detail } = PAGES[page]
  const html = `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\r\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title>${title}</title></head><body>${detail}</body></html>\r\n`
  return htmlAnswer(status ?? usual, html, { Server: 'Microsoft-IIS/10.0' })
}

/** 414 as the HTTP driver of Windows answers before IIS sees the request. */
export function uriTooLong(): Answer {
  const html =
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\r\n<HTML><HEAD><TITLE>URL Too Long</TITLE></HEAD><BODY><h2>Request URL Too Long</h2><hr><p>HTTP Error 414. The request URL is too long.</p></BODY></HTML>\r\n'
  return htmlAnswer(414, html, { Server: 'Microsoft-HTTPAPI/2.0', Connection: 'close' })
}

/** 413 as IIS request filtering answers a body over its limit. */
export function bodyTooLong(): Answer {
  const detail =
    '<h2>413 - Request Entity Too Large</h2><h3>The page was not displayed because the request entity is too large.</h3>'
  return htmlAnswer(413, `<html><head><title>413</title></head><body>${detail}</body></html>`, {
    Server: 'Microsoft-IIS/10.0',
  })
}

const PAGES: Readonly<Record<HtmlPage, { readonly status: number; readonly title: string; readonly detail: string }>> =
  {
    'iis-404': {
      status: 404,
      title: '404 - File or directory not found.',
      detail: '<h2>404 - File or directory not found.</h2>',
    },
    'iis-500': {
      status: 500,
      title: '500 - Internal server error.',
      detail: '<h2>500 - Internal server error.</h2>',
    },
    'iis-502': {
      status: 502,
      title: '502 - Web server received an invalid response.',
      detail: '<h2>502 - Web server received an invalid response while acting as a gateway or proxy server.</h2>',
    },
    'iis-503': { status: 503, title: 'Service Unavailable', detail: '<h2>Service Unavailable</h2><hr>' },
    'sign-in': {
      status: 200,
      title: 'Sign In',
      detail:
        '<form id="loginForm" method="post" action="/adfs/ls/?wa=wsignin1.0"><input name="UserName"><input name="Password" type="password"></form>',
    },
  }
