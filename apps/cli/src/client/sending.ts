/** What a request sends that has a body. @param idempotencyKey makes sending it again harmless */
export function sending(
  body: unknown,
  { method = 'POST', idempotencyKey }: { method?: 'POST' | 'PUT'; idempotencyKey?: string | undefined } = {},
): RequestInit {
  return {
    method,
    headers: {
      'content-type': 'application/json',
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    body: JSON.stringify(body),
  };
}
