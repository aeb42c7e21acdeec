import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What a signed value may be used for; part of the signature, so that one cannot stand in for the other. */
type Purpose = 'session' | 'login';

const LIFETIME_SECONDS = { session: 12 * 3600, login: 300 } as const satisfies Record<Purpose, number>;

export const SESSION_COOKIE = 'vitrine_session';

/**
 * The API token, and what is signed with it. A session and a login link are `<expiry>.<hmac>`: nothing is stored, the
 * token itself never stands in an address or a cookie, and a new token ends them all.
 */
export class Authentication {
  constructor(
    private readonly token: string,
    private readonly now: () => Date,
  ) {}

  /** Whether an `Authorization` header carries the token. */
  isBearer(header: string | undefined): boolean {
    const [, presented] = /^Bearer ([\x21-\x7e]+)$/i.exec(header ?? '') ?? [];
    return presented !== undefined && this.isToken(presented);
  }

  isToken(presented: string): boolean {
    return equal(presented, this.token);
  }

  sign(purpose: Purpose): { value: string; expiresAt: Date; seconds: number } {
    const seconds = LIFETIME_SECONDS[purpose];
    const expiry = Math.floor(this.now().getTime() / 1000) + seconds;
    return {
      value: `${expiry}.${this.signature(purpose, expiry)}`,
      expiresAt: new Date(expiry * 1000),
      seconds,
    };
  }

  isSigned(purpose: Purpose, presented: string | undefined): boolean {
    const [, expiry, signature] = /^(\d{1,12})\.([\w-]{43})$/.exec(presented ?? '') ?? [];
    if (expiry === undefined || signature === undefined) return false;
    return (
      equal(signature, this.signature(purpose, Number(expiry))) &&
      Number(expiry) * 1000 > this.now().getTime()
    );
  }

  private signature(purpose: Purpose, expiry: number): string {
    return createHmac('sha256', this.token).update(`vitrine ${purpose} ${expiry}`).digest('base64url');
  }
}

/** Compares digests, so that neither content nor length shows in the time taken. */
function equal(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

/** The value of a cookie in a `Cookie` header. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [key, ...value] = pair.trim().split('=');
    if (key === name) return value.join('=');
  }
  return undefined;
}
