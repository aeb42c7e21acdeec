import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { artifactText } from '../../api/queries.js';
import type { Artifact } from '../../api/types.js';
import { bytes, plural } from '../../lib/format.js';
import { readTensorHeader } from '../../lib/tensor-header.js';
import { ProblemNote, Skeleton } from '../../parts/notes.js';

interface PreviewProps {
  readonly path: string;
  readonly artifact: Artifact;
  readonly title: string;
}

/** Longer texts are downloaded and looked at elsewhere. */
const TEXT_BYTES = 2_000_000;
const SHOWN = 100_000;

/** A look into an artifact, as its type allows one. */
export function Preview({ path, artifact, title }: PreviewProps): ReactNode {
  const { type, mediaType, bytes: size } = artifact;
  if (type === 'picture' || mediaType.startsWith('image/'))
    return <img className="picture panel" src={path} alt={title} />;
  if (type === 'report') return <iframe className="report panel" sandbox="" src={path} title={title} />;
  if (mediaType === 'application/vnd.safetensors') return <Tensors path={path} sha256={artifact.sha256} />;
  const isText = mediaType.startsWith('text/') || mediaType.includes('json');
  if (!isText) return <p className="muted">There is no look into {mediaType} here: download it.</p>;
  if (size > TEXT_BYTES)
    return <p className="muted">{bytes(size)} are too long to be shown here: download it.</p>;
  return <TextPreview path={path} artifact={artifact} />;
}

function TextPreview({ path, artifact }: Omit<PreviewProps, 'title'>): ReactNode {
  const { data, error, refetch } = useQuery({
    ...artifactText(path, artifact.sha256),
    placeholderData: undefined,
  });
  if (error) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton rows={8} />;
  const text = artifact.mediaType.includes('ndjson') ? data : readable(data, artifact.mediaType);
  return (
    <>
      <pre className="panel text" tabIndex={0} role="region" aria-label="Contents">
        {text.slice(0, SHOWN)}
      </pre>
      {text.length > SHOWN && <p className="small faint">The first {bytes(SHOWN)} of it.</p>}
    </>
  );
}

function readable(text: string, mediaType: string): string {
  if (!mediaType.includes('json')) return text;
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    // What is no JSON after all is shown as it is.
    return text;
  }
}

function Tensors({ path, sha256 }: { readonly path: string; readonly sha256: string }): ReactNode {
  const { data, error } = useQuery({
    queryKey: ['tensors', sha256],
    queryFn: ({ signal }) => readTensorHeader(path, signal),
    staleTime: Infinity,
    placeholderData: undefined,
  });
  if (error) return <ProblemNote error={error} />;
  if (!data) return <Skeleton rows={8} />;
  return (
    <div className="table-box panel" tabIndex={0} role="region" aria-label="Arrays">
      <table>
        <caption>
          {plural(data.length, 'array')},{' '}
          {plural(
            data.reduce((sum, { count }) => sum + count, 0),
            'number',
          )}
        </caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Shape</th>
          </tr>
        </thead>
        <tbody>
          {data.map(({ name, dtype, shape }) => (
            <tr key={name}>
              <th scope="row" className="mono">
                {name}
              </th>
              <td>{dtype}</td>
              <td className="number">{shape.length === 0 ? 'one number' : shape.join(' × ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
