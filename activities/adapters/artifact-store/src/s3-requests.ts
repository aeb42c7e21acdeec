import type { S3Client } from '@aws-sdk/client-s3';

/** One try of a request: a request that is tried again is several of these. */
export interface S3Request {
  /** The server's name of it, such as GetObject. */
  readonly operation: string;
  /** Refused: the server answered and would not, as when there is no such object. Failed: it did not serve. */
  readonly outcome: 'ok' | 'refused' | 'failed';
  /** Until the head of the answer; a body that is read comes after it. */
  readonly seconds: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

interface Message {
  readonly headers?: Readonly<Record<string, string>>;
}

/** Tells of every try of every request of this client. */
export function measureRequests(client: S3Client, tell: (request: S3Request) => void): void {
  client.middlewareStack.add(
    (next, { commandName = 'unknown' }) =>
      async (args) => {
        const began = performance.now();
        const done = (outcome: S3Request['outcome'], answer?: Message): void =>
          tell({
            operation: commandName.replace(/Command$/, ''),
            outcome,
            seconds: (performance.now() - began) / 1000,
            sentBytes: lengthOf(args.request as Message),
            receivedBytes: lengthOf(answer),
          });
        try {
          const result = await next(args);
          done('ok', result.response as Message);
          return result;
        } catch (error) {
          const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
          done(status !== undefined && status < 500 ? 'refused' : 'failed');
          throw error;
        }
      },
    // Inside of the retries, around the reading of the answer.
    { step: 'deserialize', priority: 'high', name: 'measureRequests' },
  );
}

function lengthOf(message: Message | undefined): number {
  return Number(message?.headers?.['content-length'] ?? 0);
}
