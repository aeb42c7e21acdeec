import { describe, expect, it } from 'vitest';
import { html, Html } from './html.js';

describe('markup', () => {
  it('escapes what is put in and leaves markup alone', () => {
    const inner = html`<b title="${'"&\''}">${'<script>'}</b>`;
    expect(inner.markup).toBe('<b title="&quot;&amp;&#39;">&lt;script&gt;</b>');
    expect(html`<p>${inner}${new Html('<i>')}</p>`.markup).toBe(`<p>${inner.markup}<i></p>`);
  });

  it('joins lists and leaves out what is absent', () => {
    expect(html`${[1, 'a', html`<br />`]}${undefined}${false}${[[2]]}`.markup).toBe('1a<br />2');
  });
});
