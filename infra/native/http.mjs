import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import tls from 'node:tls';
import { withoutSecrets } from './problem.mjs';

const idleMs = 60_000;
const maxRedirects = 5;
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/**
 * How the outside is reached: what pip itself is told about proxies and certificates holds here too.
 * @typedef {{ env: NodeJS.ProcessEnv, proxy?: string, certificates?: string }} Route
 * @typedef {{ url: URL, response: http.IncomingMessage }} Answer
 */

/**
 * The proxy for an address, by the usual environment variables.
 * @param {URL} url
 * @param {Route} route
 * @returns {URL | undefined}
 */
export function proxyFor(url, { env, proxy }) {
  const exempt = (env.no_proxy ?? env.NO_PROXY ?? '')
    .split(',')
    .map((name) => name.trim().replace(/^\*?\./, ''));
  const bypassed = exempt.some(
    (name) => name === '*' || (name !== '' && (url.hostname === name || url.hostname.endsWith(`.${name}`))),
  );
  if (bypassed) return undefined;
  const own = url.protocol === 'https:' ? (env.https_proxy ?? env.HTTPS_PROXY) : env.http_proxy;
  const chosen = proxy || own || env.all_proxy || env.ALL_PROXY;
  if (!chosen) return undefined;
  return new URL(chosen.includes('://') ? chosen : `http://${chosen}`);
}

/** @param {URL} url @returns {Record<string, string>} */
function basic(url) {
  if (!url.username && !url.password) return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** @type {WeakMap<Route, tls.SecureContext>} */
const contexts = new WeakMap();

/**
 * What Node, pip and the system trust, read once.
 * @param {Route} route
 * @returns {tls.SecureContext}
 */
function trust(route) {
  const { env, certificates } = route;
  const known = contexts.get(route);
  if (known) return known;
  const files = [certificates, env.NODE_EXTRA_CA_CERTS, env.SSL_CERT_FILE, ...systemBundles];
  const bundles = new Set(files.filter((file) => file !== undefined && existsSync(file)));
  const context = tls.createSecureContext({
    ca: [...tls.rootCertificates, ...[...bundles].map((file) => readFileSync(String(file), 'utf8'))],
  });
  contexts.set(route, context);
  return context;
}

/**
 * A connection through the proxy to the host itself.
 * @param {URL} proxy
 * @param {URL} url
 * @param {AbortSignal} signal
 * @returns {Promise<import('node:stream').Duplex>}
 */
function tunnel(proxy, url, signal) {
  const target = `${url.hostname}:${url.port || 443}`;
  const { authorization } = basic(proxy);
  const headers = { host: target, ...(authorization && { 'proxy-authorization': authorization }) };
  const { request } = proxy.protocol === 'https:' ? https : http;
  const { hostname: host, port } = proxy;
  return new Promise((resolve, reject) => {
    const connect = request({ host, port, method: 'CONNECT', path: target, headers, signal });
    connect.setTimeout(idleMs, () => connect.destroy(new Error(`the proxy ${proxy.host} does not answer`)));
    connect.once('error', reject);
    connect.once('connect', (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} refused with status ${answer.statusCode}`));
    });
    connect.end();
  });
}

/**
 * One request, without following where it is sent on to.
 * @param {URL} url
 * @param {Record<string, string>} headers
 * @param {{ route: Route, signal: AbortSignal }} context
 * @returns {Promise<http.IncomingMessage>}
 */
async function exchange(url, headers, { route, signal }) {
  const proxy = proxyFor(url, route);
  const secure = url.protocol === 'https:';
  const socket = proxy && secure ? await tunnel(proxy, url, signal) : undefined;
  const bare = new URL(url);
  bare.username = bare.password = '';
  /** @type {https.RequestOptions} */
  const options = { headers: { ...basic(url), ...headers }, signal };
  if (secure) {
    const place = socket ? { socket } : { host: url.hostname, port: Number(url.port || 443) };
    const secureContext = trust(route);
    const servername = isIP(url.hostname) ? '' : url.hostname;
    options.createConnection = () => tls.connect({ ...place, servername, secureContext });
  } else if (proxy) {
    const { authorization } = basic(proxy);
    options.headers = {
      ...options.headers,
      host: url.host,
      ...(authorization && { 'proxy-authorization': authorization }),
    };
    Object.assign(options, { host: proxy.hostname, port: proxy.port || 80, path: bare.href });
  }
  return new Promise((resolve, reject) => {
    const request = proxy && !secure ? http.request(options) : (secure ? https : http).request(bare, options);
    request.setTimeout(idleMs, () => request.destroy(new Error(`no byte came for ${idleMs / 1000} s`)));
    request.once('error', reject);
    request.once('response', resolve);
    request.end();
  });
}

/**
 * GET, following redirects. User name and password in the address go to that host alone.
 * @param {URL} address
 * @param {{ route: Route, signal: AbortSignal, headers?: Record<string, string> }} options
 * @returns {Promise<Answer>}
 */
export async function get(address, { route, signal, headers = {} }) {
  let url = address;
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    const response = await exchange(url, headers, { route, signal });
    const { statusCode = 0, headers: answered } = response;
    if (![301, 302, 303, 307, 308].includes(statusCode) || !answered.location) return { url, response };
    response.resume();
    const next = new URL(answered.location, url);
    if (next.host === url.host && !next.username) {
      next.username = url.username;
      next.password = url.password;
    }
    url = next;
  }
  throw new Error(`${withoutSecrets(address)} was sent on more than ${maxRedirects} times`);
}

/**
 * @param {http.IncomingMessage} response
 * @returns {Promise<string>}
 */
export async function readText(response) {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}
